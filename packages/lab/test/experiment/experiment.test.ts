import { expect, test } from "vitest";
import { ticks } from "../../src/experiment/lineChart.ts";
import {
  csvOf,
  type Experiment,
  estimateOf,
  experimentOf,
  herdScenario,
  manhattanScenario,
  nycScenario,
  plotsOf,
  runsOf,
} from "../../src/index.ts";

const scenario = herdScenario({ cars: 12, stations: 3, connectors: 1 });
const live = (): Experiment => experimentOf(scenario, runsOf(scenario, ["nearest", "negotiated"], 3));
const experiment = live();

test("an experiment can be repeated to the last digit", () => {
  expect(live().results).toEqual(experiment.results);
});

test("each policy meets the same seeds", () => {
  expect(experiment.results.map(({ policy, runs }) => [policy, runs.map(({ seed }) => seed)])).toEqual([
    ["nearest", [1, 2, 3]],
    ["negotiated", [1, 2, 3]],
  ]);
});

test("no herd is charged faster than the bound, and a negotiated one faster than the nearest stations do it", () => {
  const [nearest, negotiated] = experiment.results.map((result) => estimateOf(result, "overBound").mean);
  expect(negotiated).toBeGreaterThanOrEqual(1);
  expect(negotiated).toBeLessThan(nearest as number);
});

test("the CSV has a line for each policy and seed, with every measure", () => {
  const [header, ...lines] = csvOf(experiment).trimEnd().split("\r\n");
  expect(header).toBe(
    "scenario,policy,seed,meanMin,overBound,p95Min,meanWaitMin,p95WaitMin,farthestDetourKm,loadRatio",
  );
  expect(lines.length).toBe(6);
  for (const line of lines)
    expect(
      line
        .split(",")
        .slice(2)
        .every((cell) => Number.isFinite(Number(cell))),
    ).toBe(true);
});

test("there is a chart of waits, queue, load and price, with a line for each policy and its name", () => {
  const plots = plotsOf(experiment);
  expect([...plots.keys()]).toEqual(["herd-waits.svg", "herd-queue.svg", "herd-load.svg", "herd-price.svg"]);
  for (const svg of plots.values()) {
    expect(svg.match(/<polyline /g)?.length).toBe(2);
    expect(svg).toContain(">nearest</text>");
    expect(svg).toContain(">negotiated</text>");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test.each([0, 0.004, 0.3, 1, 7, 99.9, 1234])(
  "the ticks of an axis up to %d are few, even, and reach it",
  (greatest) => {
    const marks = ticks(greatest);
    expect(marks[0]).toBe(0);
    expect(marks.at(-1)).toBeGreaterThanOrEqual(greatest);
    expect(marks.length).toBeLessThanOrEqual(8);
  },
);

test("an unknown policy is refused by its name", () => {
  expect(() => scenario.live("luck", 1)).toThrow("luck");
});

test.each([manhattanScenario(3000), nycScenario()])(
  "$name has a baseline and the negotiated policy",
  ({ policies }) => {
    expect(policies).toEqual(["nearest", "min-total-time", "negotiated"]);
  },
);

test("a day is lived through by the same measures whatever its policy", () => {
  const day = manhattanScenario(300);
  const { measures, timeline } = day.live("negotiated", 1);
  for (const { name } of day.measures) expect(measures[name]).toBeGreaterThanOrEqual(0);
  expect(timeline.sessions.reduce((sum, { kwh }) => sum + kwh, 0)).toBeCloseTo(measures.energyKwh as number, 6);
});
