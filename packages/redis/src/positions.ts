import { carKey, FLEET_LAST_SEEN_KEY, FLEET_LOCATIONS_KEY, type Telemetry } from "@greenlane/contracts";
import { Cluster, type Result, type Redis as SingleRedis } from "ioredis";
import type { Redis } from "./client.ts";
import { isHeldByGeo } from "./geoSet.ts";
import { script } from "./script.ts";

declare module "ioredis" {
  interface RedisCommander<Context> {
    recordPositions(
      keys: number,
      ...keysAndArguments: (string | number)[]
    ): Result<[older: number, odd: number], Context>;
    recordPosition(key: string, ...args: (string | number)[]): Result<"written" | "older" | "odd", Context>;
    forgetPosition(key: string, beforeMs: number): Result<0 | 1, Context>;
  }
}

/** Reports that were not taken: older than what was held, and of cars whose key holds something that is no report. */
export interface NotTaken {
  older: number;
  odd: number;
}

/**
 * Takes the newest report of each of some cars, one a car. Then forgets some of the cars that were last seen before a
 * moment (Unix ms), so that ids that never come again don't stay.
 */
export type RecordPositions = (reports: readonly Telemetry[], forgetBeforeMs: number) => Promise<NotTaken>;

export const positionsOf = (redis: Redis): RecordPositions =>
  redis instanceof Cluster ? inCluster(redis) : onOneServer(redis);

/** In one script. */
function onOneServer(redis: SingleRedis): RecordPositions {
  redis.defineCommand("recordPositions", { lua: script("recordPositions") });
  return async (reports, forgetBeforeMs) => {
    const keys: string[] = [FLEET_LOCATIONS_KEY, FLEET_LAST_SEEN_KEY];
    const args: (string | number)[] = [forgetBeforeMs, carKey("")];
    for (const r of reports) {
      keys.push(carKey(r.carId));
      args.push(r.carId, r.latitude, r.longitude, r.timestampMs, r.batteryPercent, r.velocityKmh);
      args.push(r.chargingStationId, r.sessionId, r.energyKwh, r.odometerKm, isHeldByGeo(r) ? "1" : "0");
    }
    const [older, odd] = await redis.recordPositions(keys.length, ...keys, ...args);
    return { older, odd };
  };
}

const FORGET_AT_ONCE = 100;

/**
 * A car's hash, the map and the times are on different nodes: the hash decides which report is the newest, and only what
 * it has taken is put on the map. When two processes report a car in the same moment the map may have the older place,
 * until the next report.
 */
function inCluster(redis: Cluster): RecordPositions {
  redis.defineCommand("recordPosition", { numberOfKeys: 1, lua: script("recordPosition") });
  redis.defineCommand("forgetPosition", { numberOfKeys: 1, lua: script("forgetPosition") });

  async function forget(beforeMs: number): Promise<void> {
    const range = ["-inf", `(${beforeMs}`, "BYSCORE", "LIMIT", 0, FORGET_AT_ONCE] as const;
    const silent = await redis.zrange(FLEET_LAST_SEEN_KEY, ...range);
    if (silent.length === 0) return;
    const isGone = await Promise.all(silent.map((carId) => redis.forgetPosition(carKey(carId), beforeMs)));
    const gone = silent.filter((_, n) => isGone[n] === 1);
    if (gone.length === 0) return;
    await redis.zrem(FLEET_LOCATIONS_KEY, ...gone);
    await redis.zrem(FLEET_LAST_SEEN_KEY, ...gone);
  }

  return async (reports, forgetBeforeMs) => {
    const outcomes = await Promise.all(
      reports.map((r) => redis.recordPosition(carKey(r.carId), r.timestampMs, ...fieldsOf(r))),
    );
    const taken = reports.filter((_, n) => outcomes[n] === "written");
    const onMap = taken.filter(isHeldByGeo);
    const beyond = taken.filter((report) => !isHeldByGeo(report));
    const seen = taken.flatMap(({ timestampMs, carId }) => [timestampMs, carId]);
    const places = onMap.flatMap(({ longitude, latitude, carId }) => [longitude, latitude, carId]);
    await Promise.all([
      seen.length > 0 && redis.zadd(FLEET_LAST_SEEN_KEY, "GT", ...seen),
      places.length > 0 && redis.geoadd(FLEET_LOCATIONS_KEY, ...places),
      beyond.length > 0 && redis.zrem(FLEET_LOCATIONS_KEY, ...beyond.map(({ carId }) => carId)),
    ]);
    await forget(forgetBeforeMs);
    const count = (outcome: string) => outcomes.filter((each) => each === outcome).length;
    return { older: count("older"), odd: count("odd") };
  };
}

const fieldsOf = (r: Telemetry): (string | number)[] => [
  ...["lat", r.latitude, "lon", r.longitude, "timestamp", r.timestampMs, "battery", r.batteryPercent],
  ...["velocity", r.velocityKmh, "charging_station_id", r.chargingStationId, "session_id", r.sessionId],
  ...["energy_kwh", r.energyKwh, "odometer_km", r.odometerKm],
];
