import { bestAssignment, FORBIDDEN } from "@greenlane/domain";
import { type Car, isIdle, type View } from "./fleet.ts";
import type { Customer } from "./world.ts";

export interface Pairing<Place> {
  customer: Customer<Place>;
  car: Car<Place>;
  pickupKm: number;
}

/** What a trip earns, less what it costs to drive there and on: Ma, Connors and Viti (arXiv 2412.09978). */
const FARE_START = 8;
const FARE_PER_KM = 3.1;
const COST_PER_KM = 0.53;

/**
 * On a grid two pairings often earn exactly the same, as crossed and uncrossed pickups are as long together. Of these
 * the one is taken in which the cars that have stood longest drive farthest. Far below what one metre costs.
 */
const TIE_PER_KM_AND_MIN = 1e-9;

/**
 * Gives idle cars to waiting customers so that all trips together earn the most. A car and a customer may pair when it
 * arrives before the customer's patience ends and comes out of the trip with the floor or more.
 */
export function dispatch<Place>(
  waiting: readonly Customer<Place>[],
  view: View<Place>,
  maySend: (car: Car<Place>, customer: Customer<Place>) => boolean,
): Pairing<Place>[] {
  const { world, nowMin } = view;
  const idle = view.cars.filter(isIdle);
  if (waiting.length === 0 || idle.length === 0) return [];
  const pickupKm = (car: Car<Place>, customer: Customer<Place>) => world.distanceKm(car.at, customer.from);
  const worth = (row: number, column: number): number => {
    const customer = waiting[row] as Customer<Place>;
    const car = idle[column] as Car<Place>;
    const km = pickupKm(car, customer);
    const pickedUpMin = nowMin + km / world.speedKmPerMin;
    if (pickedUpMin - customer.askedMin > world.customerPatienceMin) return FORBIDDEN;
    if (car.kwh - world.kwhPerKm * (km + customer.tripKm) < world.battery.floorKwh) return FORBIDDEN;
    if (!maySend(car, customer)) return FORBIDDEN;
    const tie = TIE_PER_KM_AND_MIN * km * (nowMin - idleSinceMin(car));
    return FARE_START + FARE_PER_KM * customer.tripKm - COST_PER_KM * (customer.tripKm + km) + tie;
  };
  const carOf = bestAssignment(waiting.length, idle.length, worth);
  return waiting.flatMap((customer, row) => {
    const car = idle[carOf[row] as number];
    return car === undefined ? [] : [{ customer, car, pickupKm: pickupKm(car, customer) }];
  });
}

const idleSinceMin = ({ activity }: Car<unknown>): number => (activity.kind === "idle" ? activity.sinceMin : 0);
