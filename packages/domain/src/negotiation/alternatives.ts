import type { HerdPlan } from "./herdPlan.ts";
import type { HerdProblem } from "./herdProblem.ts";
import { keepFirst } from "./keepFirst.ts";
import type { TakenTime } from "./takenTime.ts";

/** Where and from when on a car could charge. */
export interface Place {
  connector: number;
  startMs: number;
}

interface PricedPlace extends Place {
  cost: number;
}

/** What a finished plan leaves free. */
export class FreePlaces {
  readonly #problem: HerdProblem;
  /** Of each connector. */
  readonly #taken: readonly TakenTime[];

  constructor(plan: HerdPlan, problem: HerdProblem) {
    this.#problem = problem;
    this.#taken = problem.connectors.map((_, connector) => plan.takenTime(connector));
  }

  /** The cheapest slots for a car: of each bank in reach the soonest, and the soonest from when its energy is cheapest. */
  cheapest(car: number, most: number): Place[] {
    const places: PricedPlace[] = [];
    for (const bank of this.#problem.candidates[car] as Int32Array) {
      const arriveMs = this.#problem.arriveMs(car, bank);
      const cheapestFromMs = this.#problem.cheapestFromMs(car, bank);
      const soonest = this.#soonestIn(car, bank, arriveMs);
      putCheapest(places, soonest, most);
      // From then on the soonest slot is that same one when it begins no earlier.
      if (cheapestFromMs > soonest.startMs) putCheapest(places, this.#soonestIn(car, bank, cheapestFromMs), most);
    }
    return places;
  }

  #soonestIn(car: number, bank: number, fromMs: number): PricedPlace {
    let connector = -1;
    let startMs = Number.POSITIVE_INFINITY;
    for (const other of this.#problem.banks[bank] as readonly number[]) {
      const otherMs = this.#problem.earliestStartMs(car, bank, this.#taken[other] as TakenTime, fromMs);
      if (otherMs < startMs) {
        connector = other;
        startMs = otherMs;
      }
      if (otherMs <= fromMs) break;
    }
    return { connector, startMs, cost: this.#problem.cost(car, bank, startMs) };
  }
}

/** Keeps a place if it is among the cheapest so many, unless it breaks a limit. */
function putCheapest(places: PricedPlace[], place: PricedPlace, most: number): void {
  if (place.cost < Number.POSITIVE_INFINITY) keepFirst(places, place, most, isCheaper);
}

function isCheaper(a: PricedPlace, b: PricedPlace): boolean {
  if (a.cost !== b.cost) return a.cost < b.cost;
  return a.startMs !== b.startMs ? a.startMs < b.startMs : a.connector < b.connector;
}
