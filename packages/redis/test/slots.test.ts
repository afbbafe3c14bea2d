import { silentLogger } from "@greenlane/runtime";
import { startRedis, type TestServer, until } from "@greenlane/testkit";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type HoldOutcome, openRedis, type Redis, type Slot, type StationSlots, stationSlots } from "../src/index.ts";

let server: TestServer;
let redis: Redis;
let slots: StationSlots;

beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url, silentLogger);
  slots = stationSlots(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => redis.flushall());

/** Far enough ahead that nothing is over by the clock. */
const BASE_MS = Date.now() + 86_400_000;
const slot = (connectorId: string, from: number, to: number): Slot => ({
  connectorId,
  startMs: BASE_MS + from * 60_000,
  endMs: BASE_MS + to * 60_000,
});
const LONG_MS = 60_000;

async function hold(id: string, wanted: Slot, ttlMs = LONG_MS): Promise<HoldOutcome | undefined> {
  return (await slots.hold("S", [{ id, slot: wanted }], ttlMs))[0];
}
const standingIds = async () => (await slots.read(["S"]))[0]?.map(({ id }) => id);

test("while a station's slots are not known nothing is held; once they are rebuilt, it is", async () => {
  expect(await hold("h1", slot("1", 0, 30))).toEqual({ kind: "unknown" });
  expect(await slots.read(["S"])).toEqual([undefined]);
  await slots.rebuild("S", [{ id: "b1", ...slot("1", 0, 30) }]);
  expect(await hold("h1", slot("1", 10, 40))).toEqual({
    kind: "taken",
    freeFromMs: slot("1", 0, 30).endMs,
  });
  expect((await hold("h1", slot("1", 30, 60)))?.kind).toBe("held");
});

test("the same hold again is kept for longer, never for less; another slot under the same id is refused", async () => {
  await slots.rebuild("S", []);
  const heldUntilMs = async (ttlMs: number) => {
    const outcome = await hold("h1", slot("1", 0, 30), ttlMs);
    return outcome?.kind === "held" ? outcome.heldUntilMs : Number.NaN;
  };
  const first = await heldUntilMs(LONG_MS);
  expect(await heldUntilMs(1)).toBe(first);
  expect(await heldUntilMs(2 * LONG_MS)).toBeGreaterThanOrEqual(first + LONG_MS);
  expect(await hold("h1", slot("2", 0, 30))).toEqual({ kind: "other" });
  await slots.confirm("S", [{ id: "h1", slot: slot("1", 0, 30) }]);
  expect(await heldUntilMs(3 * LONG_MS)).toBe(0);
});

test("a hold that ran out makes room, and a booking does not", async () => {
  await slots.rebuild("S", []);
  await hold("h1", slot("1", 0, 30), 1);
  await hold("h2", slot("2", 0, 30), 1);
  await slots.confirm("S", [{ id: "h2", slot: slot("2", 0, 30) }]);
  await until("the first hold has run out", async () => {
    return (await hold("h3", slot("1", 0, 30)))?.kind === "held";
  });
  expect((await hold("h4", slot("2", 0, 30)))?.kind).toBe("taken");
});

test("what ran out is removed and named", async () => {
  await slots.rebuild("S", []);
  await hold("h2", slot("1", 30, 60));
  await hold("h1", slot("1", 0, 30), 1);
  await until("the last hold has run out", async () => (await slots.expire("S")).includes("h1"));
  expect(await standingIds()).toEqual(["h2"]);
});

test("a released slot is free, and releasing it twice is the same as once", async () => {
  await slots.rebuild("S", []);
  await hold("h1", slot("1", 0, 30));
  expect([await slots.release("S", ["h1"]), await slots.release("S", ["h1"])]).toEqual([1, 0]);
  expect((await hold("h2", slot("1", 0, 30)))?.kind).toBe("held");
});

test("a slot is moved where there is room, and stays where there is none", async () => {
  await slots.rebuild("S", [
    { id: "b1", ...slot("1", 0, 30) },
    { id: "b2", ...slot("1", 60, 90) },
  ]);
  expect(await slots.move("S", "b1", slot("1", 20, 50))).toEqual({ kind: "moved" });
  expect(await slots.move("S", "b1", slot("1", 40, 70))).toMatchObject({ kind: "taken" });
  expect(await slots.move("S", "b3", slot("1", 100, 130))).toEqual({ kind: "gone" });
  expect((await slots.read(["S"]))[0]?.map(({ id, startMs }) => [id, startMs])).toEqual([
    ["b1", slot("1", 20, 50).startMs],
    ["b2", slot("1", 60, 90).startMs],
  ]);
});

test("of holds that are asked for at once each gets its answer, and where two overlap the first wins", async () => {
  await slots.rebuild("S", [{ id: "b1", ...slot("1", 0, 30) }]);
  const holds = [
    { id: "h1", slot: slot("1", 10, 40) },
    { id: "h2", slot: slot("2", 0, 30) },
    { id: "h3", slot: slot("2", 20, 50) },
    { id: "h4", slot: slot("2", 30, 60) },
    { id: "h2", slot: slot("2", 0, 30) },
    { id: "h2", slot: slot("3", 0, 30) },
  ];
  const outcomes = await slots.hold("S", holds, LONG_MS);
  expect(outcomes).toMatchObject([
    { kind: "taken", freeFromMs: slot("1", 0, 30).endMs },
    { kind: "held" },
    { kind: "taken", freeFromMs: slot("2", 0, 30).endMs },
    { kind: "held" },
    outcomes[1] ?? {},
    { kind: "other" },
  ]);
  expect((await standingIds())?.sort()).toEqual(["b1", "h2", "h4"]);
  expect(await slots.hold("S", [], LONG_MS)).toEqual([]);
});

test("a hold may overlap the slot that it is to replace, which stands until then, and no other", async () => {
  await slots.rebuild("S", [
    { id: "b1", ...slot("1", 0, 30) },
    { id: "b2", ...slot("1", 60, 90) },
  ]);
  const wish = (id: string, from: number, to: number) => ({ id, slot: slot("1", from, to), replaces: "b1" });
  const outcomes = await slots.hold("S", [wish("h1", 40, 70), wish("h2", 20, 50)], LONG_MS);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["taken", "held"]);
  expect((await hold("h3", slot("1", 0, 10)))?.kind).toBe("taken");
  await slots.confirm("S", [{ id: "b1", slot: slot("1", 20, 50) }]);
  await slots.release("S", ["h2", "nobody"]);
  expect((await hold("h3", slot("1", 0, 10)))?.kind).toBe("held");
  expect((await slots.read(["S"]))[0]?.map(({ id, startMs }) => [id, startMs])).toEqual([
    ["h3", slot("1", 0, 10).startMs],
    ["b1", slot("1", 20, 50).startMs],
    ["b2", slot("1", 60, 90).startMs],
  ]);
});

test("several bookings and several releases are one call each, and the mark of a known station is not released", async () => {
  await slots.rebuild("S", []);
  await slots.confirm("S", [
    { id: "b1", slot: slot("1", 0, 30) },
    { id: "b2", slot: slot("1", 30, 60) },
    { id: "b3", slot: slot("2", 0, 30) },
  ]);
  expect(await slots.release("S", ["b1", "b3", "@"])).toBe(2);
  expect(await standingIds()).toEqual(["b2"]);
});

test("what was read before is as it is now: after each change, by whomever, and when Redis was emptied meanwhile", async () => {
  const others = stationSlots(redis);
  const read = async () => (await slots.read(["S", "T"])).map((own) => own?.map(({ id, startMs }) => [id, startMs]));
  const changes = [
    () => others.rebuild("S", []),
    () => others.hold("S", [{ id: "h1", slot: slot("1", 0, 30) }], LONG_MS),
    () => others.confirm("S", [{ id: "h1", slot: slot("1", 0, 30) }]),
    () => others.move("S", "h1", slot("1", 60, 90)),
    () => others.hold("S", [{ id: "h2", slot: slot("1", 30, 60) }], 1),
    () => until("the hold has run out", async () => (await others.expire("S")).length > 0),
    () => others.release("S", ["h1"]),
    () => others.rebuild("S", [{ id: "b1", ...slot("1", 0, 30) }]),
    () => redis.flushall(),
    () => others.rebuild("S", [{ id: "b2", ...slot("1", 0, 30) }]),
  ];
  const seen: unknown[] = [];
  for (const change of changes) {
    await change();
    const now = await read();
    expect(await read()).toEqual(now);
    seen.push(now[0]);
  }
  const at = (id: string, from: number) => [id, slot("1", from, from + 1).startMs];
  expect(seen).toEqual([
    [],
    [at("h1", 0)],
    [at("h1", 0)],
    [at("h1", 60)],
    [at("h2", 30), at("h1", 60)],
    [at("h1", 60)],
    [],
    [at("b1", 0)],
    undefined,
    [at("b2", 0)],
  ]);
});

test("a hold that became a booking is read as one", async () => {
  await slots.rebuild("S", [{ id: "b1", ...slot("1", 0, 30) }]);
  await hold("h1", slot("1", 30, 60));
  const [before] = await slots.read(["S"]);
  await slots.confirm("S", [{ id: "h1", slot: slot("1", 30, 60) }]);
  const [after] = await slots.read(["S"]);
  expect(before?.[1]?.heldUntilMs).toBeGreaterThan(0);
  expect(after?.[1]).toEqual({ id: "h1", ...slot("1", 30, 60), heldUntilMs: undefined });
});

test("whoever asks, in whatever order and at once, no two slots of a connector overlap", async () => {
  const interval = fc
    .tuple(fc.nat(200), fc.integer({ min: 1, max: 60 }))
    .map(([from, length]) => [from, from + length]);
  const wish = fc.record({
    connector: fc.constantFrom("1", "2"),
    interval,
    next: fc.constantFrom("keep", "book", "drop"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(wish, { maxLength: 8 }), { minLength: 1, maxLength: 8 }), async (chunks) => {
      await redis.flushall();
      await slots.rebuild("S", []);
      await Promise.all(
        chunks.map(async (chunk, c) => {
          const holds = chunk.map(({ connector, interval: [from = 0, to = 0], next }, n) => {
            return { id: `h${c}-${n}`, slot: slot(connector, from, to), next };
          });
          const outcomes = await slots.hold("S", holds, LONG_MS);
          const held = holds.filter((_, n) => outcomes[n]?.kind === "held");
          const booked = held.filter(({ next }) => next === "book");
          await slots.confirm("S", booked);
          await slots.release(
            "S",
            held.filter(({ next }) => next === "drop").map(({ id }) => id),
          );
        }),
      );
      const standing = (await slots.read(["S"]))[0] ?? [];
      for (const connectorId of ["1", "2"]) {
        const ends = standing.filter((each) => each.connectorId === connectorId);
        for (const [n, each] of ends.entries()) expect(each.startMs).toBeGreaterThanOrEqual(ends[n - 1]?.endMs ?? 0);
      }
    }),
    { numRuns: 100 },
  );
});
