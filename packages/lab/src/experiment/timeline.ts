import { congestionFactor, priceCurve, syntheticProfile } from "@greenlane/domain";

/** Who waited and who charged when; min from the start of a run. */
export interface Timeline {
  durationMin: number;
  connectors: number;
  waits: { fromMin: number; untilMin: number }[];
  sessions: { fromMin: number; untilMin: number; kwh: number }[];
  /** When the run begins, Unix ms: the price of energy depends on the hour. */
  startMs: number;
}

/** A quantity over time. */
export interface Curve {
  /** min from the start */
  atMin: number[];
  value: number[];
}

export interface Curves {
  /** How long those had waited whose wait ended, in the mean, min; none where none ended. */
  waits: Curve;
  /** How many wait, in the mean. */
  queue: Curve;
  /** What all connectors give together, in the mean, kW. */
  load: Curve;
  /** The grid's price by the congestion of all connectors, $/kWh. */
  price: Curve;
}

const GRID_ZONE = "America/New_York";

/** The quantities of each stretch of so many minutes. */
export function curvesOf({ durationMin, connectors, waits, sessions, startMs }: Timeline, stepMin: number): Curves {
  const steps = Math.ceil(durationMin / stepMin);
  const zeros = () => new Array<number>(steps).fill(0);
  const [waitedMin, ended, queuedMin, busyMin, kwh] = [zeros(), zeros(), zeros(), zeros(), zeros()];
  for (const { fromMin, untilMin } of waits) {
    const step = Math.min(steps - 1, Math.floor(untilMin / stepMin));
    waitedMin[step] = (waitedMin[step] as number) + untilMin - fromMin;
    ended[step] = (ended[step] as number) + 1;
    spread(queuedMin, fromMin, untilMin, stepMin, 1);
  }
  for (const { fromMin, untilMin, kwh: energy } of sessions) {
    spread(busyMin, fromMin, untilMin, stepMin, 1);
    spread(kwh, fromMin, untilMin, stepMin, energy / (untilMin - fromMin));
  }
  const gridPrice = priceCurve(syntheticProfile, GRID_ZONE);
  const atMin = zeros().map((_, step) => step * stepMin);
  const curve = (value: (step: number) => number): Curve => ({ atMin, value: atMin.map((_, step) => value(step)) });
  return {
    waits: curve((step) => ((ended[step] as number) === 0 ? 0 : (waitedMin[step] as number) / (ended[step] as number))),
    queue: curve((step) => (queuedMin[step] as number) / stepMin),
    load: curve((step) => ((kwh[step] as number) / stepMin) * 60),
    price: curve((step) => {
      const taken = (busyMin[step] as number) / (stepMin * connectors);
      return gridPrice(startMs + step * stepMin * 60_000).pricePerKwh * congestionFactor(taken);
    }),
  };
}

/** Adds to each step what a stretch has of it, min, by a rate. */
function spread(steps: number[], fromMin: number, untilMin: number, stepMin: number, rate: number): void {
  for (let step = Math.floor(fromMin / stepMin); step < steps.length && step * stepMin < untilMin; step++) {
    const withinMin = Math.min(untilMin, (step + 1) * stepMin) - Math.max(fromMin, step * stepMin);
    steps[step] = (steps[step] as number) + rate * withinMin;
  }
}

/** The curve whose values are the means of those of others; they are as long as the longest. */
export function meanCurve(curves: readonly Curve[]): Curve {
  const longest = curves.reduce((a, b) => (b.atMin.length > a.atMin.length ? b : a));
  return {
    atMin: longest.atMin,
    value: longest.atMin.map((_, n) => curves.reduce((sum, { value }) => sum + (value[n] ?? 0), 0) / curves.length),
  };
}
