import type { Telemetry } from "@greenlane/contracts";
import { createMetrics, silentLogger } from "@greenlane/runtime";
import { startRedisCluster, type TestCluster, until } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  carStates,
  carsNear,
  connectOnce,
  countCars,
  leases,
  openRedis,
  publish,
  type Redis,
  type StationSlots,
  serverVersion,
  startFleetMapWriter,
  stationMap,
  stationSlots,
  subscribe,
} from "../src/index.ts";

let servers: TestCluster;
let redis: Redis;
let slots: StationSlots;

beforeAll(async () => {
  servers = await startRedisCluster();
  redis = await openRedis(servers.url, silentLogger);
  slots = stationSlots(redis);
});
afterAll(async () => {
  redis.disconnect();
  await servers[Symbol.asyncDispose]();
});

const startMs = Date.now() + 86_400_000;
const slot = (connectorId: string) => ({ connectorId, startMs, endMs: startMs + 60_000 });
const LONG_MS = 60_000;
/** Enough that each node has some. */
const stationIds = Array.from({ length: 20 }, (_, n) => `S${n}`);
const here = { latitude: 40.7, longitude: -74 };

test("a client is ready when it is opened, and one node of a cluster is enough to find the others", async () => {
  expect(redis.status).toBe("ready");
  const [node] = servers.nodes;
  const other = await connectOnce(`redis+cluster://${node?.host}:${node?.port}`);
  expect(await serverVersion(other)).toMatch(/^\d+\./);
  await Promise.all(stationIds.map((id) => other.set(`key:${id}`, id)));
  other.disconnect();
});

test("every script on slots works wherever in a cluster its station lies", async () => {
  await Promise.all(stationIds.map((id) => slots.rebuild(id, [{ id: "b1", ...slot("1") }])));
  await Promise.all(
    stationIds.map(async (id) => {
      const holds = ["1", "2", "3"].map((connectorId) => ({ id: `h${connectorId}`, slot: slot(connectorId) }));
      expect((await slots.hold(id, holds, LONG_MS)).map(({ kind }) => kind)).toEqual(["taken", "held", "held"]);
      await slots.confirm(id, [{ id: "h2", slot: slot("2") }]);
      expect(await slots.move(id, "h3", slot("4"))).toEqual({ kind: "moved" });
      expect(await slots.release(id, ["h3"])).toBe(1);
      expect(await slots.expire(id)).toEqual([]);
    }),
  );
  const standing = await slots.read(stationIds);
  for (const found of standing) expect(found?.map(({ id }) => id).sort()).toEqual(["b1", "h2"]);
});

test("leases and the map of the stations work in a cluster", async () => {
  const { acquire, release } = leases(redis);
  for (const name of stationIds) {
    expect(await acquire(name, "me", LONG_MS)).toBe(true);
    expect(await acquire(name, "other", LONG_MS)).toBe(false);
    expect(await release(name, "me")).toBe(true);
  }
  const map = stationMap(redis);
  expect(await map.place(stationIds.map((stationId) => ({ stationId, ...here })))).toBe(stationIds.length);
  expect(await map.near(here, 1, 100)).toHaveLength(stationIds.length);
});

test("who publishes in a cluster learns whether anybody hears it, and who listens hears it, whichever node has the channel", async () => {
  for (const channel of stationIds) {
    expect(await publish(redis, channel, "nobody")).toBe(0);
    const heard: string[] = [];
    using _hearing = subscribe(servers.url, channel, (message) => heard.push(message), silentLogger);
    await until("somebody hears it", async () => (await publish(redis, channel, "hello")) === 1);
    await until("it is heard", () => heard.includes("hello"));
  }
});

test("each car's newest report is kept in a cluster as on one server, and who is silent for long is forgotten", async () => {
  const DAY_MS = 86_400_000;
  const report = (carId: string, timestampMs: number, change: Partial<Telemetry> = {}): Telemetry => {
    const state = { batteryPercent: 50, velocityKmh: 30, energyKwh: 0, odometerKm: 7 };
    return { carId, timestampMs, chargingStationId: "", sessionId: "", ...here, ...state, ...change };
  };
  const write = async (nowMs: number, ...reports: Telemetry[]) => {
    const runtime = { logger: silentLogger, metrics: createMetrics("test"), clock: { nowMs: () => nowMs } };
    await using map = startFleetMapWriter(redis, runtime, { maxWaitingCars: 1_000, forgetAfterMs: 30 * DAY_MS });
    for (const each of reports) map.record(each);
  };
  const cars = Array.from({ length: 50 }, (_, n) => `car-${n}`);
  await write(DAY_MS, ...cars.map((carId) => report(carId, 2_000, { batteryPercent: 61 })));
  await write(DAY_MS, ...cars.map((carId) => report(carId, 1_000)), report("POLE", 3_000, { latitude: 89 }));
  const found = await carStates(redis, [...cars, "POLE", "NOBODY"]);
  for (const state of found.slice(0, 50)) expect(state).toMatchObject({ batteryPercent: 61, timestampMs: 2_000 });
  expect(found[50]).toMatchObject({ latitude: 89 });
  expect(found[51]).toBeUndefined();
  expect(await carsNear(redis, here, 5, 100)).toHaveLength(50);
  expect(await countCars(redis)).toEqual({ seen: 51, onMap: 50 });
  await write(31 * DAY_MS, report("NEW", 31 * DAY_MS));
  expect(await countCars(redis)).toEqual({ seen: 1, onMap: 1 });
  expect(await carStates(redis, cars)).toEqual(cars.map(() => undefined));
});
