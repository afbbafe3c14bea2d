import type { Telemetry } from "@greenlane/contracts";
import { createMetrics, silentLogger, systemClock } from "@greenlane/runtime";
import { startRedis, until } from "@greenlane/testkit";
import { expect, test } from "vitest";
import { carState, carsNear, countCars, openRedis, silentCars, startFleetMapWriter } from "../src/index.ts";

const runtime = () => ({ logger: silentLogger, metrics: createMetrics("test"), clock: systemClock });

function report(carId: string, timestampMs: number, change: Partial<Telemetry> = {}): Telemetry {
  const place = { latitude: 40.72, longitude: -73.98 };
  const state = {
    batteryPercent: 50,
    velocityKmh: 30,
    chargingStationId: "",
    sessionId: "",
    energyKwh: 0,
    odometerKm: 7,
  };
  return { carId, timestampMs, ...place, ...state, ...change };
}

test("the map holds each car's newest report, near and silent cars can be asked for, an older report changes nothing", async () => {
  await using server = await startRedis();
  const redis = await openRedis(server.url, silentLogger);
  {
    await using map = startFleetMapWriter(redis, runtime());
    map.record(report("A", 2_000, { batteryPercent: 61 }));
    map.record(report("B", 1_000, { latitude: 40.8 }));
    map.record(report("POLE", 3_000, { latitude: 89 }));
  }
  {
    await using map = startFleetMapWriter(redis, runtime());
    map.record(report("A", 1_500, { batteryPercent: 99 }));
  }
  expect(await carState(redis, "A")).toMatchObject({ batteryPercent: 61, timestampMs: 2_000, latitude: 40.72 });
  expect(await carState(redis, "NOBODY")).toBeUndefined();
  expect((await carsNear(redis, { latitude: 40.72, longitude: -73.98 }, 5, 10)).map((car) => car.carId)).toEqual(["A"]);
  expect(await silentCars(redis, 2_000, 10)).toEqual([{ carId: "B", lastSeenMs: 1_000 }]);
  expect(await countCars(redis)).toEqual({ seen: 3, onMap: 2 });
  redis.disconnect();
});

test("while Redis is away the newest reports wait, and are written when it is back", async () => {
  await using server = await startRedis();
  const redis = await openRedis(server.url, silentLogger);
  await using map = startFleetMapWriter(redis, runtime());
  await server.kill();
  map.record(report("A", 1_000));
  await until("the map says that it is stale", () => map.isStale());
  map.record(report("A", 2_000));
  await server.restart();
  await until("the newest report is in Redis", async () => {
    const state = await carState(redis, "A").catch(() => undefined);
    return state?.timestampMs === 2_000;
  });
  await until("the map is fresh again", () => !map.isStale());
  redis.disconnect();
});
