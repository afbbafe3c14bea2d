import type { ChargerSite, World } from "../fleetDay/world.ts";

/** A place of the grid, km east and north of the area's corner. */
export interface GridPlace {
  x: number;
  y: number;
}

/** Where trips begin. */
export const AREA = { widthKm: 4, heightKm: 20 };

/** The share of all trips that begin within so many km of a place both eastward and northward, 0 to 1. */
export function demandWithin({ x, y }: GridPlace, km: number): number {
  const covered = (at: number, length: number) =>
    Math.max(0, Math.min(length, at + km) - Math.max(0, at - km)) / length;
  return covered(x, AREA.widthKm) * covered(y, AREA.heightKm);
}

/** The demand of each hour of the day, the first from 06:00, in relation to the others. */
export const HOUR_WEIGHTS = [2.4, 4, 5.1, 5.1, 4.9, 5, 5.3, 5.3, 5.6, 5.6, 5.3, 6.1, 6.9, 6.6, 5.9, 5.9, 5.5, 4.3];

const three = (x: number, y: number, powerKw: number): ChargerSite<GridPlace>[] =>
  Array.from({ length: 3 }, () => ({ at: { x, y }, powerKw }));

/** A grid of Manhattan's size from 06:00 to 24:00, after Ma, Connors and Viti (arXiv 2412.09978). */
export const MANHATTAN: World<GridPlace> = {
  durationMin: HOUR_WEIGHTS.length * 60,
  distanceKm: (a, b) => Math.abs(a.x - b.x) + Math.abs(a.y - b.y),
  speedKmPerMin: 0.5,
  kwhPerKm: 0.25,
  battery: { capacityKwh: 62, floorKwh: 6.2, triggerKwh: 12.4, ceilingKwh: 49.6, strandedKwh: 8 },
  chargers: [...three(2, 3, 50), ...three(3.5, 10, 50), ...three(2, 17, 11), ...three(0.5, 10, 11)],
  shortestSessionMin: 10,
  customerPatienceMin: 10,
  queuePatienceMin: 15,
};
