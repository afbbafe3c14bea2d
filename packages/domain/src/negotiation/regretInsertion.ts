import type { HerdPlan, Insertion } from "./herdPlan.ts";
import type { HerdProblem } from "./herdProblem.ts";

/** A regret of so great a share of the greatest is as good: to go back in line for less takes time and changes little. */
const NEARLY_GREATEST = 0.75;

/**
 * Gives a slot to every car that can have one: next to a car that would lose the most, or nearly, by not getting its best
 * station now, that is by being left with its second best: J.-Y. Potvin and J.-M. Rousseau, "A parallel route building
 * algorithm for the vehicle routing and scheduling problem with time windows" (EJOR 66, 1993). As a regret changes little
 * from one insertion to the next, it is worked out again only for the car that is first in line, which gets its slot or
 * goes back.
 */
export function insertByRegret(plan: HerdPlan, problem: HerdProblem, cars: readonly number[]): void {
  const prospects = new Prospects(plan, problem, cars);
  const line = new RegretLine();
  for (let n = 0; n < cars.length; n++) line.put(n, prospects.bestTwo(n).regret);
  for (let n = line.take(); n !== undefined; n = line.take()) {
    const { best, regret } = prospects.bestTwo(n);
    if (best === undefined) continue;
    if (regret < NEARLY_GREATEST * line.greatest) line.put(n, regret);
    else plan.insert(cars[n] as number, best);
  }
}

/**
 * What cars, by their places in a list, can have at each of their banks, as it was when last looked at. As a plan fills up
 * places only get dearer. So what was too dear then is not looked at again, and what was the cheapest in its bank still is
 * while its connector's plan has not changed.
 */
class Prospects {
  readonly #plan: HerdPlan;
  readonly #problem: HerdProblem;
  readonly #cars: readonly number[];
  /** That a car has, at the most. */
  readonly #banks: number;
  /** Of each car and bank, by how much all costs would rise, or would at the least. */
  readonly #costRises: Float64Array;
  readonly #insertions: (Insertion | undefined)[];
  /** Of the plan of the insertion's connector when it was found. */
  readonly #versions: Int32Array;

  constructor(plan: HerdPlan, problem: HerdProblem, cars: readonly number[]) {
    this.#plan = plan;
    this.#problem = problem;
    this.#cars = cars;
    this.#banks = cars.reduce((most, car) => Math.max(most, (problem.candidates[car] as Int32Array).length), 0);
    const size = cars.length * this.#banks;
    this.#costRises = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    this.#insertions = new Array<Insertion | undefined>(size).fill(undefined);
    this.#versions = new Int32Array(size);
  }

  bestTwo(n: number): { best: Insertion | undefined; regret: number } {
    const car = this.#cars[n] as number;
    const banks = this.#problem.candidates[car] as Int32Array;
    let best: Insertion | undefined;
    let second = 0;
    for (let at = 0; at < banks.length; at++) {
      const insertion = this.#insertionBelow(second, car, banks[at] as number, n * this.#banks + at);
      if (insertion === undefined) continue;
      if (best === undefined || insertion.costRise < best.costRise) {
        second = best === undefined ? 0 : best.costRise;
        best = insertion;
      } else second = insertion.costRise;
    }
    return { best, regret: best === undefined ? 0 : second - best.costRise };
  }

  #insertionBelow(limit: number, car: number, bank: number, at: number): Insertion | undefined {
    if ((this.#costRises[at] as number) >= limit) return undefined;
    const known = this.#insertions[at];
    if (known !== undefined && this.#plan.version(known.connector) === this.#versions[at]) return known;
    const insertion = this.#plan.cheapestInsertionAt(car, bank, limit);
    this.#costRises[at] = insertion === undefined ? limit : insertion.costRise;
    this.#insertions[at] = insertion;
    if (insertion !== undefined) this.#versions[at] = this.#plan.version(insertion.connector);
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
