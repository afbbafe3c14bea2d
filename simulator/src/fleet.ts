import { readStations, readTrips } from "./cityData.ts";
import { seededRandom } from "./random.ts";
import { type CarTraits, SimulatedCar } from "./simulatedCar.ts";

export interface FleetPlan extends CarTraits {
  cars: number;
  seed: number;
  /** Ids are this and a number from 001. */
  prefix: string;
}

/** Every so many cars begin low, so that charging shows from the first seconds on. */
const LOW_EVERY = 5;

/** The same plan gives the same fleet. */
export function createFleet(plan: FleetPlan): SimulatedCar[] {
  const random = seededRandom(plan.seed);
  const trips = readTrips().items;
  const stations = readStations().items;
  const nextTrip = () => {
    const trip = trips[Math.floor(random() * trips.length)];
    if (trip === undefined) throw new Error("there are no trips");
    return trip;
  };
  return Array.from({ length: plan.cars }, (_, n) => {
    const carId = `${plan.prefix}${String(n + 1).padStart(3, "0")}`;
    const batteryPercent = n % LOW_EVERY === LOW_EVERY - 3 ? 8 + random() * 7 : 30 + random() * 65;
    return new SimulatedCar(carId, batteryPercent, plan, stations, nextTrip, random);
  });
}
