import type { Row } from "../figures/figure.ts";
import type { BenchRun } from "../report.ts";

/** How a figure stands to its floor now, and how it stood. */
export interface Comparison {
  id: string;
  what: string;
  /** Measured to floor, greater being better. */
  before: number;
  now: number;
  /** now / before - 1: -0.2 is a fifth worse. */
  change: number;
  isRegression: boolean;
}

export interface RunComparison {
  compared: Comparison[];
  /** Figures with a floor that only one of the runs has. */
  onlyBefore: string[];
  onlyNow: string[];
}

/** Latencies swing more than rates and costs do. */
const LATENCY_TOLERANCE = 0.5;

/**
 * Compares two runs figure by figure, by their ratios to the floors that were measured beside them: so a slower machine,
 * or a busier one, is no regression. @param tolerance - the share by which a ratio may fall, from 0 to 1; that of a latency may halve
 */
export function compareRuns(before: BenchRun, now: BenchRun, tolerance: number): RunComparison {
  const ratiosBefore = ratiosOf(before);
  const ratiosNow = ratiosOf(now);
  const compared = [...ratiosNow].flatMap(([id, { what, unit, ratio }]) => {
    const tolerated = unit === "ms" ? Math.max(tolerance, LATENCY_TOLERANCE) : tolerance;
    const earlier = ratiosBefore.get(id);
    if (earlier === undefined) return [];
    const change = ratio / earlier.ratio - 1;
    return [{ id, what, before: earlier.ratio, now: ratio, change, isRegression: change < -tolerated }];
  });
  return {
    compared,
    onlyBefore: [...ratiosBefore.keys()].filter((id) => !ratiosNow.has(id)),
    onlyNow: [...ratiosNow.keys()].filter((id) => !ratiosBefore.has(id)),
  };
}

function ratiosOf({ rows }: BenchRun): Map<string, Pick<Row, "what" | "unit"> & { ratio: number }> {
  return new Map(
    rows.flatMap(({ id, what, unit, ratio }) => (ratio === undefined ? [] : [[id, { what, unit, ratio }] as const])),
  );
}
