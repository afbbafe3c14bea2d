import type { HerdPlan, Insertion } from "./herdPlan.ts";
import type { HerdProblem } from "./herdProblem.ts";

/**
 * Gives a slot to every car that can have one: next to the car that would lose the most by not getting its best station
 * now, that is by being left with its second best: J.-Y. Potvin and J.-M. Rousseau, "A parallel route building algorithm
 * for the vehicle routing and scheduling problem with time windows" (EJOR 66, 1993). As a regret changes little from one
 * insertion to the next, it is worked out again only for the car that is first in line, which stays first or goes back.
 */
export function insertByRegret(plan: HerdPlan, problem: HerdProblem, cars: Iterable<number>): void {
  const line = new RegretLine();
  const prospects = new Map<number, Prospects>();
  for (const car of cars) {
    const own = new Prospects(plan, problem, car);
    prospects.set(car, own);
    line.put(car, own.bestTwo().regret);
  }
  for (let car = line.take(); car !== undefined; car = line.take()) {
    const { best, regret } = (prospects.get(car) as Prospects).bestTwo();
    if (best === undefined) continue;
    if (regret < line.greatest) line.put(car, regret);
    else plan.insert(car, best);
  }
}

/** A version that no bank has. */
const NEVER = -1;

/**
 * What a car can have at each bank, as it was when last looked at. As a plan fills up its places only get dearer, so what
 * was too dear then is not looked at again, nor is a bank whose plan has not changed.
 */
class Prospects {
  readonly #plan: HerdPlan;
  readonly #car: number;
  readonly #banks: Int32Array;
  /** By how much all costs would rise, or would at the least. */
  readonly #costRises: Float64Array;
  readonly #insertions: (Insertion | undefined)[];
  /** Of the bank's plan when the insertion was found. */
  readonly #versions: Int32Array;

  constructor(plan: HerdPlan, problem: HerdProblem, car: number) {
    this.#plan = plan;
    this.#car = car;
    this.#banks = problem.candidates[car] as Int32Array;
    this.#costRises = new Float64Array(this.#banks.length).fill(Number.NEGATIVE_INFINITY);
    this.#insertions = Array.from(this.#banks, () => undefined);
    this.#versions = new Int32Array(this.#banks.length).fill(NEVER);
  }

  bestTwo(): { best: Insertion | undefined; regret: number } {
    let best: Insertion | undefined;
    let second = 0;
    for (let n = 0; n < this.#banks.length; n++) {
      const insertion = this.#insertionBelow(n, second);
      if (insertion === undefined) continue;
      if (best === undefined || insertion.costRise < best.costRise) {
        second = best?.costRise ?? 0;
        best = insertion;
      } else second = insertion.costRise;
    }
    return { best, regret: best === undefined ? 0 : second - best.costRise };
  }

  #insertionBelow(n: number, limit: number): Insertion | undefined {
    if ((this.#costRises[n] as number) >= limit) return undefined;
    const bank = this.#banks[n] as number;
    const version = this.#plan.version(bank);
    if (this.#versions[n] === version) return this.#insertions[n];
    const insertion = this.#plan.cheapestInsertionAt(this.#car, bank, limit);
    this.#costRises[n] = insertion?.costRise ?? limit;
    this.#insertions[n] = insertion;
    this.#versions[n] = insertion === undefined ? NEVER : version;
    return insertion;
  }
}

/** Cars in line, the greatest regret first. A binary heap. */
class RegretLine {
  readonly #cars: number[] = [];
  readonly #regrets: number[] = [];

  /** Of those in line; none is less than any. */
  get greatest(): number {
    return this.#regrets[0] ?? Number.NEGATIVE_INFINITY;
  }

  put(car: number, regret: number): void {
    let at = this.#cars.push(car) - 1;
    this.#regrets.push(regret);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((this.#regrets[above] as number) >= regret) break;
      this.#swap(at, above);
      at = above;
    }
  }

  take(): number | undefined {
    const first = this.#cars[0];
    const [lastCar, lastRegret] = [this.#cars.pop(), this.#regrets.pop()];
    if (first === undefined || lastCar === undefined || lastRegret === undefined || this.#cars.length === 0)
      return first;
    this.#cars[0] = lastCar;
    this.#regrets[0] = lastRegret;
    for (let at = 0; ; ) {
      let greatest = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if ((this.#regrets[below] ?? Number.NEGATIVE_INFINITY) > (this.#regrets[greatest] as number)) greatest = below;
      }
      if (greatest === at) return first;
      this.#swap(at, greatest);
      at = greatest;
    }
  }

  #swap(a: number, b: number): void {
    const [car, regret] = [this.#cars[a] as number, this.#regrets[a] as number];
    this.#cars[a] = this.#cars[b] as number;
    this.#regrets[a] = this.#regrets[b] as number;
    this.#cars[b] = car;
    this.#regrets[b] = regret;
  }
}
