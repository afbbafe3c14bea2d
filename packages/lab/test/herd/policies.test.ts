import { beforeAll, expect, test } from "vitest";
import {
  firstComeFirstServed,
  type HerdMeasures,
  type HerdPolicy,
  type HerdSlot,
  herdLowerBoundMin,
  herdMeasures,
  minTotalTime,
  nearestStation,
  negotiated,
  newHerd,
  shortestQueue,
} from "../../src/index.ts";

const SEEDS = [1, 2, 3, 4];
const HERDS = SEEDS.map((seed) => newHerd({ cars: 100, stations: 10, connectors: 2 }, seed));

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

let bounds: number[];
const measured = new Map<string, HerdMeasures[]>();
const meanOf = ({ name }: HerdPolicy, measure: keyof HerdMeasures) =>
  mean((measured.get(name) ?? []).map((measures) => measures[measure]));

beforeAll(() => {
  bounds = HERDS.map((herd) => herdLowerBoundMin(herd, 2));
  for (const policy of [nearestStation, firstComeFirstServed, negotiated]) {
    const measures = HERDS.map((herd, n) => herdMeasures(herd, policy.charge(herd, SEEDS[n] as number)));
    measured.set(policy.name, measures);
  }
});

test("a negotiated herd is charged in 1.03 times the lower bound or less", () => {
  const ratios = bounds.map((bound, n) => (measured.get(negotiated.name)?.[n]?.meanMin ?? Number.NaN) / bound);
  expect(mean(ratios)).toBeLessThanOrEqual(1.03);
  expect(Math.min(...ratios)).toBeGreaterThanOrEqual(1);
});

test("the slowest twentieth of a negotiated herd is charged sooner than first come first served", () => {
  expect(meanOf(negotiated, "p95Min")).toBeLessThan(meanOf(firstComeFirstServed, "p95Min"));
});

test("a negotiated herd waits 70 % less than one that goes to the nearest stations", () => {
  expect(meanOf(negotiated, "meanWaitMin")).toBeLessThanOrEqual(0.3 * meanOf(nearestStation, "meanWaitMin"));
});

const byTime = (a: HerdSlot, b: HerdSlot) => a.startMin - b.startMin;

test.each([nearestStation, shortestQueue, minTotalTime, firstComeFirstServed, negotiated])(
  "$name gives every car one slot, none before it arrives, none over another",
  (policy) => {
    const herd = newHerd({ cars: 40, stations: 4, connectors: 2 }, 9);
    const slots = policy.charge(herd, 1);
    expect(slots.map(({ carId }) => carId).sort()).toEqual(herd.cars.map(({ carId }) => carId).sort());
    expect(slots.filter(({ arriveMin, startMin }) => startMin < arriveMin)).toEqual([]);
    for (const own of Map.groupBy(slots, ({ connectorId }) => connectorId).values()) {
      own.sort(byTime).reduce((freeMin, { startMin, endMin }) => {
        expect(startMin).toBeGreaterThanOrEqual(freeMin);
        return endMin;
      }, 0);
    }
  },
);
