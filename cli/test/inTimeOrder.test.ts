import { setImmediate as turn } from "node:timers/promises";
import type { TopicRecord } from "@greenlane/kafka";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Feed, inTimeOrder } from "../src/inTimeOrder.ts";

const record = (timestampMs: number): TopicRecord => ({
  ...{ partition: 0, offset: 0, timestampMs, key: null, value: null, headers: {} },
});

/** A feed whose answers each take some turns to come; all of them are history. */
function feedOf(answers: { times: number[]; turns: number }[]): Feed {
  let read = 0;
  async function* records() {
    for (const { times, turns } of answers) {
      for (let n = 0; n < turns; n++) await turn();
      yield times.map(record);
      read++;
    }
  }
  return { records: records(), isHistory: () => read < answers.length };
}

const someFeed = fc
  .array(fc.record({ gaps: fc.array(fc.nat(20), { maxLength: 5 }), turns: fc.nat(3) }), { maxLength: 6 })
  .map((answers) => {
    let timeMs = 0;
    return answers.map(({ gaps, turns }) => ({
      turns,
      times: gaps.map((gap) => {
        timeMs += gap;
        return timeMs;
      }),
    }));
  });

test("what several topics hold is shown together by its time, all of it, however slowly each is read", async () => {
  await fc.assert(
    fc.asyncProperty(someFeed, someFeed, async (a, b) => {
      const shown: number[] = [];
      for await (const { records } of inTimeOrder([feedOf(a), feedOf(b)])) {
        shown.push(...records.map(({ timestampMs }) => timestampMs));
      }
      const all = [...a, ...b].flatMap(({ times }) => times);
      expect(shown).toEqual(all.sort((one, other) => one - other));
    }),
    { numRuns: 200 },
  );
});

test("what is new in one topic does not wait for another that is silent", async () => {
  const silent: Feed = {
    records: (async function* () {
      yield* [];
      await new Promise(() => undefined);
    })(),
    isHistory: () => false,
  };
  for await (const { records } of inTimeOrder([silent, feedOf([{ times: [1], turns: 2 }])])) {
    expect(records).toEqual([record(1)]);
    return;
  }
});

test("a topic that cannot be read ends the view with its reason", async () => {
  const failing: Feed = {
    // biome-ignore lint/correctness/useYield: it fails before it yields
    records: (async function* (): AsyncGenerator<TopicRecord[], void> {
      throw new Error("no broker answers");
    })(),
    isHistory: () => true,
  };
  await expect(inTimeOrder([failing, feedOf([])]).next()).rejects.toThrow("no broker answers");
});
