import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineQueue, MAX_WAITING_LINES } from "../src/lineQueue.ts";
import type { Output } from "../src/output.ts";

/** An output that takes one text at each `take`. */
function slowOutput(isTerminal: boolean) {
  const taken: string[] = [];
  let waiting: (() => void) | undefined;
  const output: Output = {
    isTerminal,
    write: (text) => {
      taken.push(text);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
  };
  const take = async () => {
    waiting?.();
    await new Promise(setImmediate);
  };
  return { output, taken, take };
}

const quiet = { gap: (lines: number) => `gap ${lines}\n`, onFailure: () => {} };

test("each line is shown or counted once, in order, and the gap is said where the lines are missing", async () => {
  const actions = fc.array(fc.oneof(fc.integer({ min: 1, max: 900 }), fc.constant("take" as const)), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(actions, async (steps) => {
      const { output, taken, take } = slowOutput(true);
      const queue = new LineQueue(output, quiet);
      let pushed = 0;
      for (const step of steps) {
        if (step === "take") await take();
        else for (let n = 0; n < step; n++) queue.push(`${pushed++}`);
      }
      for (let before = -1; before !== taken.length; ) {
        before = taken.length;
        await take();
      }
      let next = 0;
      for (const line of taken.join("").split("\n").slice(0, -1)) {
        const gap = /^gap (\d+)$/.exec(line);
        if (gap) next += Number(gap[1]);
        else expect(Number(line)).toBe(next++);
      }
      expect(next).toBe(pushed);
    }),
    { numRuns: 50 },
  );
});

test("a reader that never reads costs a bounded number of lines, the newest", async () => {
  const { output, taken, take } = slowOutput(false);
  const queue = new LineQueue(output, quiet);
  queue.push("first");
  await new Promise(setImmediate);
  const pushed = 5 * MAX_WAITING_LINES.program;
  for (let n = 0; n < pushed; n++) queue.push(`${n}`);
  expect(queue.dropped).toBe(pushed - MAX_WAITING_LINES.program);
  await take();
  expect(taken.at(-1)?.split("\n").slice(0, 2)).toEqual([
    `gap ${pushed - MAX_WAITING_LINES.program}`,
    `${pushed - MAX_WAITING_LINES.program}`,
  ]);
});

test("an output that fails is said so once, and takes no more", async () => {
  const failures: unknown[] = [];
  const failure = new Error("nobody reads");
  const output = { isTerminal: false, write: () => Promise.reject(failure) };
  const queue = new LineQueue(output, { ...quiet, onFailure: (error) => failures.push(error) });
  queue.push("1");
  await queue.flushed();
  queue.push("2");
  await queue.flushed();
  expect(failures).toEqual([failure]);
});
