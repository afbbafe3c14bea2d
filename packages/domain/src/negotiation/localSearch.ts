import type { HerdPlan } from "./herdPlan.ts";
import type { HerdProblem } from "./herdProblem.ts";

/** How many cars change places in a trial at the most: one moves, two swap, three make a chain. */
const MOST_CARS = 3;

/** What is less than this is rounding, dollars. */
const LEAST_GAIN = 1e-6;

/** After so many trials it asks whether it may go on. */
const TRIALS_BETWEEN_LOOKS = 64;

/**
 * Improves a plan by so many trials: a few cars that compete for the same stations give up their slots and each takes
 * the cheapest place that there is then; what is not cheaper for all together is undone. With one, two and three cars
 * these are the moves, swaps and chains of a local search, found as in P. Shaw, "Using constraint programming and local
 * search methods to solve vehicle routing problems" (CP 1998) and G. Schrimpf et al., "Record breaking optimization
 * results using the ruin and recreate principle" (J. Computational Physics 159, 2000). The cost never rises.
 */
export function improve(
  plan: HerdPlan,
  problem: HerdProblem,
  trials: number,
  random: () => number,
  mayGoOn: () => boolean = () => true,
): void {
  const cars = problem.requests.length;
  if (cars === 0) return;
  for (let trial = 0; trial < trials; trial++) {
    if (trial % TRIALS_BETWEEN_LOOKS === 0 && !mayGoOn()) return;
    const before = plan.cost;
    plan.begin();
    const first = Math.floor(random() * cars);
    const moving = competitors(plan, problem, first, 1 + Math.floor(random() * MOST_CARS), random);
    for (const car of moving) plan.remove(car);
    for (const car of moving) {
      const insertion = plan.cheapestInsertion(car);
      if (insertion !== undefined) plan.insert(car, insertion);
    }
    if (!(plan.cost < before - LEAST_GAIN)) plan.goBack();
  }
}

/** A car and others that have slots where it could go; the car itself is not always the first to choose again. */
function competitors(
  plan: HerdPlan,
  problem: HerdProblem,
  first: number,
  count: number,
  random: () => number,
): number[] {
  const among = [first];
  const banks = problem.candidates[first] as Int32Array;
  for (let n = 1; n < count && banks.length > 0; n++) {
    const bank = problem.banks[banks[Math.floor(random() * banks.length)] as number] as readonly number[];
    const sequence = plan.sequence(bank[Math.floor(random() * bank.length)] as number);
    const other = sequence[Math.floor(random() * sequence.length)];
    if (other !== undefined && !among.includes(other))
      among.splice(Math.floor(random() * (among.length + 1)), 0, other);
  }
  return among;
}
