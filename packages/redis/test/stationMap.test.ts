import { silentLogger } from "@greenlane/runtime";
import { startRedis } from "@greenlane/testkit";
import { expect, test } from "vitest";
import { openRedis, stationMap } from "../src/index.ts";

test("the map tells the stations near a place, nearest first, and holds those that it was given last", async () => {
  await using server = await startRedis();
  const redis = await openRedis(server.url, silentLogger);
  const map = stationMap(redis);
  const here = { latitude: 40.7, longitude: -74 };
  const near = async (km: number, limit = 10) => (await map.near(here, km, limit)).map(({ stationId }) => stationId);
  const at = (stationId: string, north: number) => ({ stationId, latitude: 40.7 + north, longitude: -74 });

  expect(await near(100)).toEqual([]);
  expect(await map.place([at("FAR", 0.5), at("C", 0.03), at("A", 0.01), at("B", 0.02), at("POLE", 49)])).toBe(4);
  expect(await map.size()).toBe(4);
  expect(await near(10)).toEqual(["A", "B", "C"]);
  expect(await near(10, 2)).toEqual(["A", "B"]);
  expect((await map.near(here, 10, 1))[0]?.distanceKm).toBeCloseTo(1.11, 1);

  await map.place([at("C", 0.03), at("NEW", 0)]);
  expect(await near(100)).toEqual(["NEW", "C"]);
  expect(await map.place([at("NEW", 0), at("C", 0.03), { ...at("ODD", 0), longitude: 400 }])).toBe(2);
  expect(await near(100)).toEqual(["NEW", "C"]);
  expect(await map.place([])).toBe(0);
  expect(await near(100)).toEqual([]);
  redis.disconnect();
});
