/** A car's slot; times in min from the asking. */
export interface HerdSlot {
  carId: string;
  stationId: string;
  /** From 0, at its station. */
  connector: number;
  km: number;
  arriveMin: number;
  startMin: number;
  endMin: number;
}

/** The measures that herds are compared by; times from the asking. */
export interface HerdMeasures {
  /** Until a car is charged. */
  meanMin: number;
  p95Min: number;
  meanWaitMin: number;
  p95WaitMin: number;
  farthestKm: number;
  /** Of the station with the most cars, by the mean of all stations. */
  loadRatio: number;
}

export function herdMeasures(slots: HerdSlot[], stations: number): HerdMeasures {
  const until = slots.map(({ endMin }) => endMin);
  const waits = slots.map(({ arriveMin, startMin }) => startMin - arriveMin);
  const cars = new Map<string, number>();
  for (const { stationId } of slots) cars.set(stationId, (cars.get(stationId) ?? 0) + 1);
  return {
    meanMin: mean(until),
    p95Min: quantile(until, 0.95),
    meanWaitMin: mean(waits),
    p95WaitMin: quantile(waits, 0.95),
    farthestKm: Math.max(...slots.map(({ km }) => km)),
    loadRatio: (Math.max(...cars.values()) * stations) / slots.length,
  };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The least value that so great a share of all does not exceed. */
function quantile(values: number[], share: number): number {
  const rising = values.toSorted((a, b) => a - b);
  return rising[Math.ceil(share * rising.length) - 1] ?? Number.NaN;
}
