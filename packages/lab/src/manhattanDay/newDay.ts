import { seededRandom } from "@greenlane/domain";
import type { Customer, Demand } from "../fleetDay/world.ts";
import { AREA, type GridPlace, HOUR_WEIGHTS, MANHATTAN } from "./world.ts";

const CARS = 100;
/** How far beyond the area trips end, km. */
const MARGIN_KM = 1;
const TRIP_KM = { min: 5, max: 12.5 };

/** A day of so many customers that a seed determines. */
export function newDay(customers: number, seed: number): Demand<GridPlace> {
  const random = seededRandom(seed);
  const between = (from: number, to: number) => from + random() * (to - from);
  const within = (marginKm: number): GridPlace => ({
    x: between(-marginKm, AREA.widthKm + marginKm),
    y: between(-marginKm, AREA.heightKm + marginKm),
  });
  const customer = (): Customer<GridPlace> => {
    const askedMin = (hourAt(random()) + random()) * 60;
    for (;;) {
      const from = within(0);
      const to = within(MARGIN_KM);
      const tripKm = MANHATTAN.distanceKm(from, to);
      if (tripKm >= TRIP_KM.min && tripKm <= TRIP_KM.max) return { askedMin, from, to, tripKm };
    }
  };
  return {
    customers: Array.from({ length: customers }, customer).sort((a, b) => a.askedMin - b.askedMin),
    cars: Array.from({ length: CARS }, () => within(0)),
  };
}

const WEIGHT_OF_DAY = HOUR_WEIGHTS.reduce((sum, weight) => sum + weight, 0);

/** The hour of the day that a share (0 to 1) of its demand falls in. */
function hourAt(share: number): number {
  let left = share * WEIGHT_OF_DAY;
  const hour = HOUR_WEIGHTS.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return hour === -1 ? HOUR_WEIGHTS.length - 1 : hour;
}
