import { describe, expect, test } from "vitest";
import { compareRuns } from "../compare/compareRuns.ts";
import type { Row } from "../figures/figure.ts";
import type { BenchRun } from "../report.ts";

const TOLERANCE = 0.2;

/** A run of which nothing counts but the ratios of its figures. */
function runWith(ratios: Record<string, number | undefined>, unit: Row["unit"] = "events/s"): BenchRun {
  const rows = Object.entries(ratios).map(([id, ratio]) => ({
    id,
    what: id,
    unit,
    better: "more" as const,
    measured: 1,
    cpuUs: {},
    notes: [],
    ...(ratio !== undefined && { ratio }),
  }));
  return { rows, faults: [], isWhole: true } as unknown as BenchRun;
}

describe("runs are compared by their ratios to the floor", () => {
  test("a ratio that fell by more than is tolerated is a regression", () => {
    const { compared } = compareRuns(runWith({ a: 0.5 }), runWith({ a: 0.39 }), TOLERANCE);
    expect(compared).toMatchObject([{ id: "a", before: 0.5, now: 0.39, isRegression: true }]);
  });

  test("a ratio that fell by no more, or rose, is none", () => {
    const { compared } = compareRuns(runWith({ a: 0.5, b: 0.5 }), runWith({ a: 0.41, b: 3 }), TOLERANCE);
    expect(compared.map(({ isRegression }) => isRegression)).toEqual([false, false]);
  });

  test("a latency's ratio, which swings, may halve", () => {
    const { compared } = compareRuns(runWith({ a: 0.5, b: 0.5 }, "ms"), runWith({ a: 0.26, b: 0.24 }, "ms"), TOLERANCE);
    expect(compared.map(({ isRegression }) => isRegression)).toEqual([false, true]);
  });

  test("the change is told as a share of what it was", () => {
    const { compared } = compareRuns(runWith({ a: 0.5 }), runWith({ a: 0.6 }), TOLERANCE);
    expect(compared[0]?.change).toBeCloseTo(0.2);
  });

  test("figures that one of the runs has not are named and not compared; those without a floor are passed over", () => {
    const { compared, onlyBefore, onlyNow } = compareRuns(
      runWith({ gone: 0.5, bare: undefined }),
      runWith({ fresh: 0.5, bare: undefined }),
      TOLERANCE,
    );
    expect({ compared, onlyBefore, onlyNow }).toEqual({ compared: [], onlyBefore: ["gone"], onlyNow: ["fresh"] });
  });
});
