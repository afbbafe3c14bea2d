/** A mean of several runs, and how far from it the true one may be: half of the 95 % interval. */
export interface Estimate {
  mean: number;
  /** NaN of a single run, which says nothing about its chance. */
  halfWidth: number;
}

/**
 * What Student's t exceeds with a chance of 2.5 %, by the degrees of freedom from 1 on ("Student", "The probable error of
 * a mean", Biometrika 6, 1908); from 31 on the expansion of E. A. Cornish and R. A. Fisher (1938), right to 0.001.
 */
const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const NORMAL_975 = 1.959964;

export function studentT975(degreesOfFreedom: number): number {
  const [z, n] = [NORMAL_975, degreesOfFreedom];
  return T_975[n - 1] ?? z + (z ** 3 + z) / (4 * n) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2);
}

/** The mean of independent runs and its 95 % interval. NaN of none. */
export function estimate(values: readonly number[]): Estimate {
  const runs = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / runs;
  if (runs < 2) return { mean, halfWidth: Number.NaN };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (runs - 1);
  return { mean, halfWidth: studentT975(runs - 1) * Math.sqrt(variance / runs) };
}
