import type { Car, Charger, View } from "./fleet.ts";

/** A charger as a car sees it. */
export interface Option<Place> {
  charger: Charger<Place>;
  km: number;
}

function optionsOf<Place>(car: Car<Place>, { world, chargers }: View<Place>): Option<Place>[] {
  return chargers.map((charger) => ({ charger, km: world.distanceKm(car.at, charger.at) }));
}

/** Whether a car would get there with the floor or more. */
export function canReach<Place>(car: Car<Place>, { km }: Option<Place>, { world }: View<Place>): boolean {
  return car.kwh - world.kwhPerKm * km >= world.battery.floorKwh;
}

export function reachableOptions<Place>(car: Car<Place>, view: View<Place>): Option<Place>[] {
  return optionsOf(car, view).filter((option) => canReach(car, option, view));
}

/** The first of those with the least cost. */
export function leastOf<Item>(items: Item[], cost: (item: Item) => number): Item | undefined {
  let least: Item | undefined;
  let leastCost = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const itsCost = cost(item);
    if (itsCost < leastCost) {
      least = item;
      leastCost = itsCost;
    }
  }
  return least;
}

/** How long a charger takes from a charge to the ceiling, min. */
export const fillMin = <Place>(kwh: number, powerKw: number, { world }: View<Place>): number =>
  (Math.max(0, world.battery.ceilingKwh - kwh) / powerKw) * 60;

/**
 * How long a car would wait at a charger, min: what is left of the present session, and all that is queued, each to
 * the ceiling, less the time to get there. Cars under way do not count.
 */
export function waitMin<Place>({ charger, km }: Option<Place>, view: View<Place>): number {
  const session = charger.session === undefined ? 0 : charger.session.untilMin - view.nowMin;
  const queued = charger.queue.reduce((total, { kwh }) => total + fillMin(kwh, charger.powerKw, view), 0);
  return Math.max(0, session + queued - km / view.world.speedKmPerMin);
}

/**
 * Where a car goes that has lost its patience: to the other charger of least wait (of those the nearest) if it can
 * reach that, else to the nearest other that it can reach, if there is one.
 */
export function lessCrowded<Place>(
  car: Car<Place>,
  charger: Charger<Place>,
  view: View<Place>,
): Charger<Place> | undefined {
  const others = optionsOf(car, view).filter((other) => other.charger !== charger);
  const wait = Math.min(...others.map((other) => waitMin(other, view)));
  const best = leastOf(
    others.filter((other) => waitMin(other, view) === wait),
    ({ km }) => km,
  );
  if (best !== undefined && canReach(car, best, view)) return best.charger;
  return leastOf(
    others.filter((other) => canReach(car, other, view)),
    ({ km }) => km,
  )?.charger;
}
