/** A value at a moment. */
export interface TrendPoint {
  /** Since the beginning of the run. */
  minutes: number;
  value: number;
}

export interface Trend {
  /** Of the line through the points, a minute. */
  slope: number;
  /** From the line's first point to its last, as a share of the first: 0.05 is 5 %. */
  growth: number;
}

/** The line through some points, by least squares; undefined where there are fewer than two moments. */
export function trendOf(points: readonly TrendPoint[]): Trend | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || first.minutes === last.minutes) return undefined;
  const mean = (pick: (point: TrendPoint) => number) =>
    points.reduce((sum, each) => sum + pick(each), 0) / points.length;
  const meanMinutes = mean(({ minutes }) => minutes);
  const meanValue = mean(({ value }) => value);
  const spread = mean(({ minutes }) => (minutes - meanMinutes) ** 2);
  const slope = mean(({ minutes, value }) => (minutes - meanMinutes) * (value - meanValue)) / spread;
  const start = meanValue + slope * (first.minutes - meanMinutes);
  return { slope, growth: (slope * (last.minutes - first.minutes)) / start };
}
