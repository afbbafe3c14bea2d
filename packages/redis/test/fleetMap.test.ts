import type { Telemetry } from "@greenlane/contracts";
import { createMetrics, silentLogger } from "@greenlane/runtime";
import { startRedis, until } from "@greenlane/testkit";
import { expect, test } from "vitest";
import { carState, carsNear, countCars, openRedis, silentCars, startFleetMapWriter } from "../src/index.ts";

const DAY_MS = 86_400_000;
const BOUNDS = { maxWaitingCars: 1_000, forgetAfterMs: 30 * DAY_MS };
/** The present of these tests, Unix ms. */
const NOW_MS = 10_000;
const runtime = (nowMs = NOW_MS) => ({
  logger: silentLogger,
  metrics: createMetrics("test"),
  clock: { nowMs: () => nowMs },
});

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
    await using map = startFleetMapWriter(redis, runtime(), BOUNDS);
    map.record(report("A", 2_000, { batteryPercent: 61 }));
    map.record(report("B", 1_000, { latitude: 40.8 }));
    map.record(report("POLE", 3_000, { latitude: 89 }));
  }
  {
    await using map = startFleetMapWriter(redis, runtime(), BOUNDS);
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
  await using map = startFleetMapWriter(redis, runtime(), BOUNDS);
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

test("a key that holds something else costs its car the map, and no other car", async () => {
  await using server = await startRedis();
  const redis = await openRedis(server.url, silentLogger);
  await redis.set("car:ODD", "not a hash");
  {
    await using map = startFleetMapWriter(redis, runtime(), BOUNDS);
    for (const carId of ["A", "ODD", "Z"]) map.record(report(carId, NOW_MS));
  }
  expect(await countCars(redis)).toEqual({ seen: 2, onMap: 2 });
  redis.disconnect();
});

test("a car that has not reported for a long time is forgotten, and takes up no room", async () => {
  await using server = await startRedis();
  const redis = await openRedis(server.url, silentLogger);
  {
    await using map = startFleetMapWriter(redis, runtime(), BOUNDS);
    for (const carId of ["GONE", "POLE"]) map.record(report(carId, NOW_MS, { latitude: carId === "POLE" ? 89 : 40 }));
  }
  const laterMs = NOW_MS + 31 * DAY_MS;
  {
    await using map = startFleetMapWriter(redis, runtime(laterMs), BOUNDS);
    map.record(report("HERE", laterMs));
  }
  expect(await countCars(redis)).toEqual({ seen: 1, onMap: 1 });
  expect((await redis.keys("car:*")).sort()).toEqual(["car:HERE"]);
  redis.disconnect();
});

test("past its bound the map leaves a car out and counts it, and the car's next report fits again", async () => {
  await using server = await startRedis();
  const redis = await openRedis(server.url, silentLogger);
  const tight = runtime();
  const map = startFleetMapWriter(redis, tight, { ...BOUNDS, maxWaitingCars: 1 });
  map.record(report("A", 1_000));
  map.record(report("B", 1_000));
  expect(await tight.metrics.getSingleMetricAsString("redis_positions_left_out_total")).toContain("} 1");
  await until("the first is written", () => carState(redis, "A"));
  await until("the second fits", async () => {
    map.record(report("B", 2_000));
    return carState(redis, "B");
  });
  await map[Symbol.asyncDispose]();
  redis.disconnect();
});
