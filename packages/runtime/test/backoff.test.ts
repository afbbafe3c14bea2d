import * as fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs, retry } from "../src/index.ts";

const quick = { attempts: 3, baseMs: 1, maxMs: 2 };

test("a wait is never negative, nor longer than its bound", () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 60_000 }),
      (n, baseMs, maxMs) => {
        const waitMs = backoffMs(n, { baseMs, maxMs });
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(maxMs);
      },
    ),
  );
});

test("work that fails once and then succeeds is done", async () => {
  const done = await retry(async (attempt) => {
    if (attempt === 0) throw new Error("not yet");
    return attempt;
  }, quick);
  expect(done).toBe(1);
});

test("after the last attempt the failure is the caller's", async () => {
  let tries = 0;
  const work = retry(async () => {
    tries++;
    throw new Error(`failure ${tries}`);
  }, quick);
  await expect(work).rejects.toThrow("failure 3");
});

test("what is not worth another try is not tried again", async () => {
  let tries = 0;
  const work = retry(
    async () => {
      tries++;
      throw new Error("final");
    },
    { ...quick, isRetryable: () => false },
  );
  await expect(work).rejects.toThrow("final");
  expect(tries).toBe(1);
});

test("an aborted wait ends with the reason of its signal", async () => {
  const abort = new AbortController();
  const work = retry(
    async () => {
      abort.abort(new Error("stopping"));
      throw new Error("failed");
    },
    { attempts: 5, baseMs: 60_000, maxMs: 60_000, signal: abort.signal },
  );
  await expect(work).rejects.toThrow();
});
