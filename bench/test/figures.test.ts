import { expect, test } from "vitest";
import { keepsMark, ratioOf } from "../figures/figure.ts";
import { loadFaults } from "../figures/loadSide.ts";
import { Latencies } from "../load/latencies.ts";
import { markdownTable } from "../markdownTable.ts";
import { trendOf } from "../soak/trend.ts";

test("a ratio above 1 is better than the floor, whether more or less is better", () => {
  const floor = { what: "floor", value: 50 };
  expect(ratioOf({ measured: 100, floor, better: "more" })).toBe(2);
  expect(ratioOf({ measured: 100, floor, better: "less" })).toBe(0.5);
});

test("a mark is kept from it on upward, or below it", () => {
  expect(keepsMark({ mark: 100, measured: 100, better: "more" })).toBe(true);
  expect(keepsMark({ mark: 100, measured: 100, better: "less" })).toBe(false);
  expect(keepsMark({ measured: 100, better: "less" })).toBeUndefined();
});

test("quantiles of latencies are right to 2 %, from microseconds to minutes, and add up over processes", () => {
  const one = new Latencies();
  const other = new Latencies();
  for (let us = 1; us <= 100_000; us++) (us % 2 === 0 ? one : other).record(us * 600);
  const both = new Latencies().add(one.counts()).add(other.counts());
  for (const share of [0.001, 0.5, 0.99, 1]) {
    const exact = share * 100_000 * 600;
    expect(both.quantile(share)).toBeGreaterThanOrEqual(exact * 0.98);
    expect(both.quantile(share)).toBeLessThanOrEqual(exact * 1.02);
  }
  expect(new Latencies().quantile(0.5)).toBeUndefined();
});

test("a load is at fault when something was not answered, was answered otherwise, or is not in the log", () => {
  const good = { sent: 10, acked: 10, rejected: 0, wrong: 0, failed: 0, streamsLost: 0 };
  expect(loadFaults(good, 10)).toEqual([]);
  const bad = [
    { ...good, acked: 9 },
    { ...good, wrong: 1 },
    { ...good, streamsLost: 1 },
    { ...good, sent: 0, acked: 0 },
  ];
  expect(bad.map((counts) => loadFaults(counts, counts.sent).length)).toEqual([1, 1, 1, 1]);
  expect(loadFaults(good, 11)).toEqual(["10 sent, 11 in the log"]);
});

test("a trend tells what is gained a minute, and in all as a share of the beginning", () => {
  const points = [0, 1, 2, 3, 4].map((minutes) => ({ minutes, value: 100 + 5 * minutes }));
  expect(trendOf(points)).toMatchObject({ slope: expect.closeTo(5), growth: expect.closeTo(0.2) });
  const noisy = points.map(({ minutes }, n) => ({ minutes, value: 100 + (n % 2) }));
  expect(trendOf(noisy)?.slope).toBeCloseTo(0);
  expect(trendOf(points.slice(0, 1))).toBeUndefined();
});

test("a table's columns are as wide as they must be, numbers to the right", () => {
  const table = markdownTable(
    [{ name: "long name", count: 5 }],
    [
      { title: "name", of: ({ name }) => name },
      { title: "count", isNumber: true, of: ({ count }) => `${count}` },
    ],
  );
  expect(table.split("\n")).toEqual(["| name      | count |", "| --------- | ----: |", "| long name |     5 |"]);
});
