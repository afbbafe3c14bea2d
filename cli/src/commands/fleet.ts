import { carState, carsNear, openRedis, type Redis, redisEnv, silentCars } from "@greenlane/redis";
import { loadConfig, silentLogger } from "@greenlane/runtime";
import type { Printout } from "../format/printout.ts";

const LIMIT = 100;

async function withRedis<Result>(ask: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = await openRedis(loadConfig(redisEnv).REDIS_URL, silentLogger);
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

/** Cars within some km of a place, nearest first. */
export const fleetNear = (latitude: number, longitude: number, km: number): Promise<Printout> =>
  withRedis(async (redis) => ({
    rows: (await carsNear(redis, { latitude, longitude }, km, LIMIT)).map(({ carId, distanceKm }) => ({
      car: carId,
      km: distanceKm.toFixed(2),
    })),
    nothing: "no car is near",
  }));

/** A car's last report. */
export const fleetShow = (carId: string): Promise<Printout> =>
  withRedis(async (redis) => {
    const state = await carState(redis, carId);
    return {
      rows: state === undefined ? [] : [{ ...state, timestampMs: new Date(state.timestampMs).toISOString() }],
      nothing: `no car ${carId} is known`,
      isFailure: state === undefined,
    };
  });

/** Cars that have not reported for a time, longest silent first. */
export const fleetSilent = (forMs: number): Promise<Printout> =>
  withRedis(async (redis) => ({
    rows: (await silentCars(redis, Date.now() - forMs, LIMIT)).map(({ carId, lastSeenMs }) => ({
      car: carId,
      "last report": new Date(lastSeenMs).toISOString(),
      "silent s": Math.round((Date.now() - lastSeenMs) / 1000),
    })),
    nothing: "no car is silent",
  }));
