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
  for (const car of cars) line.put(car, bestTwo(plan, problem, car).regret);
  for (let car = line.take(); car !== undefined; car = line.take()) {
    const { best, regret } = bestTwo(plan, problem, car);
    if (best === undefined) continue;
    if (regret < line.greatest) line.put(car, regret);
    else plan.insert(car, best);
  }
}

function bestTwo(plan: HerdPlan, problem: HerdProblem, car: number): { best: Insertion | undefined; regret: number } {
  let best: Insertion | undefined;
  let second = 0;
  for (const bank of problem.candidates[car] as Int32Array) {
    const insertion = plan.cheapestInsertionAt(car, bank, second);
    if (insertion === undefined) continue;
    if (best === undefined || insertion.costRise < best.costRise) {
      second = best?.costRise ?? 0;
      best = insertion;
    } else second = insertion.costRise;
  }
  return { best, regret: best === undefined ? 0 : second - best.costRise };
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
