import { congestionFactor } from "@greenlane/domain";
import { expect, test } from "vitest";
import { curvesOf, meanCurve, type Timeline } from "../../src/experiment/timeline.ts";

/** Noon in New York, when the grid asks $0.125. */
const timeline: Timeline = {
  durationMin: 30,
  connectors: 2,
  waits: [
    { fromMin: 2, untilMin: 12 },
    { fromMin: 8, untilMin: 12 },
  ],
  sessions: [{ fromMin: 5, untilMin: 20, kwh: 15 }],
  startMs: Date.UTC(2026, 5, 1, 16),
};

test("the curves hold all waiting, all energy and the price of the crowding", () => {
  const { waits, queue, load, price } = curvesOf(timeline, 10);
  expect(waits.atMin).toEqual([0, 10, 20]);
  expect(waits.value).toEqual([0, 7, 0]);
  expect(queue.value).toEqual([1, 0.4, 0]);
  expect(load.value).toEqual([30, 60, 0]);
  expect(price.value).toEqual([0.25, 0.5, 0].map((taken) => 0.125 * congestionFactor(taken)));
});

test("the mean of curves is as long as the longest, and the shorter have nothing in the end", () => {
  const curve = (...value: number[]) => ({ atMin: value.map((_, n) => n * 5), value });
  expect(meanCurve([curve(2, 4), curve(4, 0, 6)])).toEqual({ atMin: [0, 5, 10], value: [3, 2, 3] });
});
