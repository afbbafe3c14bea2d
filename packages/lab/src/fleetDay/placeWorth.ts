import type { Car } from "./fleet.ts";
import type { World } from "./world.ts";

/** The share of all customers that is to be expected within about so many km of a place, 0 to 1. */
export type DemandWithin<Place> = (place: Place, km: number) => number;

/** Within this distance cars stand for the same customers. */
const NEAR_KM = 3;

/** What it is worth to stand where idle cars are as frequent as customers; twice as much where they are half as frequent. */
const WORTH_KWH = 2;

/**
 * What it is worth to a car to stand at a place, kWh: by how scarce cars are there, the share of the demand by the share
 * of the cars. So it is worth little when many cars stand idle at the same place, and nothing where nobody asks.
 *
 * @param standing the cars that stand ready for customers
 * @param comes whether the car is not among them but comes to stand there
 */
export function placeWorthKwh<Place>(
  place: Place,
  comes: boolean,
  standing: readonly Car<Place>[],
  world: World<Place>,
  demandWithin: DemandWithin<Place>,
): number {
  const others = standing.reduce((sum, { at }) => sum + Math.max(0, 1 - world.distanceKm(place, at) / NEAR_KM), 0);
  const cars = Math.max(1, others + (comes ? 1 : 0));
  return (WORTH_KWH * demandWithin(place, NEAR_KM) * standing.length) / cars;
}
