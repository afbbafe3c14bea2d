import { startRedisCluster, type TestCluster } from "@greenlane/testkit";
import { Cluster } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { leases, type StationSlots, stationMap, stationSlots } from "../src/index.ts";

let servers: TestCluster;
let cluster: Cluster;
let slots: StationSlots;

beforeAll(async () => {
  servers = await startRedisCluster();
  cluster = new Cluster(servers.nodes, { lazyConnect: true });
  await cluster.connect();
  slots = stationSlots(cluster);
});
afterAll(async () => {
  cluster.disconnect();
  await servers[Symbol.asyncDispose]();
});

const startMs = Date.now() + 86_400_000;
const slot = (connectorId: string) => ({ connectorId, startMs, endMs: startMs + 60_000 });
const LONG_MS = 60_000;
/** Enough that each node has some. */
const stationIds = Array.from({ length: 20 }, (_, n) => `S${n}`);

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
  const { acquire, release } = leases(cluster);
  for (const name of stationIds) {
    expect(await acquire(name, "me", LONG_MS)).toBe(true);
    expect(await acquire(name, "other", LONG_MS)).toBe(false);
    expect(await release(name, "me")).toBe(true);
  }
  const map = stationMap(cluster);
  const here = { latitude: 40.7, longitude: -74 };
  expect(await map.place(stationIds.map((stationId) => ({ stationId, ...here })))).toBe(stationIds.length);
  expect(await map.near(here, 1, 100)).toHaveLength(stationIds.length);
});
