import { setImmediate as nextTurn } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Batcher } from "../src/index.ts";

/** Work that a test lets go on, batch by batch. */
function heldWork() {
  const batches: number[][] = [];
  let release: (() => void) | undefined;
  return {
    batches,
    work: async (items: number[]) => {
      batches.push(items);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    },
    finishOne: async () => {
      release?.();
      await nextTurn();
      await nextTurn();
    },
  };
}

test("every item is worked on once, in its order, in batches within their bound, whenever it came", async () => {
  const arrivals = fc.array(fc.oneof(fc.constant("item"), fc.constant("turn")), { maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(
      arrivals,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(0, 1),
      async (steps, maxItems, batchesAtOnce, gatherMs) => {
        const batches: number[][] = [];
        let underWay = 0;
        const batcher = new Batcher<number>({
          maxItems,
          maxWaiting: 1_000,
          batchesAtOnce,
          gatherMs,
          work: async (items) => {
            expect(++underWay).toBeLessThanOrEqual(batchesAtOnce);
            batches.push(items);
            await nextTurn();
            underWay--;
          },
        });
        let sent = 0;
        for (const step of steps) {
          if (step === "item") batcher.add(sent++);
          else await nextTurn();
        }
        await batcher[Symbol.asyncDispose]();
        expect(batches.flat()).toEqual(Array.from({ length: sent }, (_, n) => n));
        for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(maxItems);
      },
    ),
    { numRuns: 50 },
  );
});

test("while a batch is under way the next one gathers", async () => {
  const { batches, work, finishOne } = heldWork();
  const batcher = new Batcher<number>({ maxItems: 10, maxWaiting: 10, work });
  batcher.add(1);
  await nextTurn();
  await nextTurn();
  for (const item of [2, 3, 4]) batcher.add(item);
  expect(batcher.waiting).toBe(3);
  await finishOne();
  expect(batches).toEqual([[1], [2, 3, 4]]);
  await finishOne();
});

test("past its bound it takes nothing and says so; when there is room again it takes the next", async () => {
  const { batches, work, finishOne } = heldWork();
  const batcher = new Batcher<number>({ maxItems: 10, maxWaiting: 2, work });
  expect([batcher.add(1), batcher.add(2), batcher.add(3)]).toEqual([true, true, false]);
  await nextTurn();
  await nextTurn();
  expect(batcher.add(4)).toBe(true);
  await finishOne();
  await finishOne();
  await batcher[Symbol.asyncDispose]();
  expect(batches).toEqual([[1, 2], [4]]);
});

test("where two batches may be under way, the second does not wait for the first, the third does", async () => {
  const { batches, work, finishOne } = heldWork();
  const batcher = new Batcher<number>({ maxItems: 2, maxWaiting: 10, batchesAtOnce: 2, work });
  for (const item of [1, 2, 3, 4, 5]) batcher.add(item);
  await nextTurn();
  await nextTurn();
  await nextTurn();
  expect(batches).toEqual([
    [1, 2],
    [3, 4],
  ]);
  await finishOne();
  expect(batches).toEqual([[1, 2], [3, 4], [5]]);
});

test("after a batch of several the next one waits until it has as many; after a single item it does not", async () => {
  const { batches, work, finishOne } = heldWork();
  const batcher = new Batcher<number>({ maxItems: 10, maxWaiting: 10, gatherMs: 3_600_000, work });
  batcher.add(1);
  await nextTurn();
  await nextTurn();
  for (const item of [2, 3]) batcher.add(item);
  await finishOne();
  expect(batches).toEqual([[1], [2, 3]]);
  batcher.add(4);
  await finishOne();
  expect(batches).toHaveLength(2);
  batcher.add(5);
  await nextTurn();
  expect(batches).toEqual([[1], [2, 3], [4, 5]]);
});
