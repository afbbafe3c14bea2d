import { silentLogger } from "@greenlane/runtime";
import { startRedis, type TestServer, until } from "@greenlane/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Leases, leases, openRedis, type Redis } from "../src/index.ts";

let server: TestServer;
let redis: Redis;
let held: Leases;
beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url, silentLogger);
  held = leases(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => redis.flushall());

const LONG_MS = 60_000;

test("of many who want a lease at once one gets it, and has it when it asks again", async () => {
  const holders = Array.from({ length: 10 }, (_, n) => `p${n}`);
  const all = () => Promise.all(holders.map((holder) => held.acquire("zone", holder, LONG_MS)));
  const first = await all();
  expect(first.filter(Boolean)).toHaveLength(1);
  expect(await all()).toEqual(first);
  expect(await held.acquire("other", "p9", LONG_MS)).toBe(true);
});

test("asking again makes a lease last from then on", async () => {
  await held.acquire("zone", "a", LONG_MS);
  await held.acquire("zone", "a", 1_000 * LONG_MS);
  expect(await redis.pttl("lease:{zone}")).toBeGreaterThan(LONG_MS);
});

test("a lease that ran out is the next one's, and its old holder does not get it back", async () => {
  await held.acquire("zone", "a", 1);
  await until("the lease has run out", () => held.acquire("zone", "b", LONG_MS));
  expect(await held.acquire("zone", "a", LONG_MS)).toBe(false);
});

test("only its holder gives a lease back, and once", async () => {
  await held.acquire("zone", "a", LONG_MS);
  expect(await held.release("zone", "b")).toBe(false);
  expect(await held.release("zone", "a")).toBe(true);
  expect(await held.release("zone", "a")).toBe(false);
  expect(await held.acquire("zone", "b", LONG_MS)).toBe(true);
});
