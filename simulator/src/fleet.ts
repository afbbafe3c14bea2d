import { type City, readCity } from "@greenlane/city";
import { seededRandom } from "@greenlane/domain";
import { Bargainer } from "./bargainer.ts";
import { type CarTraits, SimulatedCar } from "./simulatedCar.ts";

export interface FleetPlan extends CarTraits {
  cars: number;
  seed: number;
  /** Ids are this and a number from 001. */
  prefix: string;
  /** Whether the cars book what they charge; else they charge where they come by. */
  negotiate: boolean;
  /** How much a car asks for at the most, % of its battery. */
  topUpPercent: number;
}

/** One of so many cars begins low, the third of them as a rule, so that charging shows from the first seconds on. */
const LOW_EVERY = 5;
const LOW_ONE = 2;
/** 2^32 / φ: spreads consecutive numbers over all seeds (D. Knuth, TAOCP 3, 6.4). */
const GOLDEN_RATIO = 0x9e3779b1;

/** The same plan gives the same fleet. Of fleets of three cars or more, the greater begins with the cars of the other. */
export function createFleet(plan: FleetPlan, city: City = readCity()): SimulatedCar[] {
  const lowOne = Math.min(LOW_ONE, plan.cars - 1);
  return Array.from({ length: plan.cars }, (_, n) => {
    const carId = `${plan.prefix}${String(n + 1).padStart(3, "0")}`;
    // Numbers of its own, so that what a car does does not depend on when the others ask for theirs; and of its
    // bargainer's own, so that what it says does not change where it drives.
    const seed = plan.seed ^ Math.imul(n + 1, GOLDEN_RATIO);
    const random = seededRandom(seed);
    const batteryPercent = n % LOW_EVERY === lowOne ? 8 + random() * 7 : 30 + random() * 65;
    const bargainer = plan.negotiate ? new Bargainer(carId, plan, seededRandom(~seed)) : undefined;
    return new SimulatedCar(carId, batteryPercent, plan, city, random, bargainer);
  });
}
