import type { HerdPlan } from "./herdPlan.ts";
import type { HerdProblem } from "./herdProblem.ts";

/** Where and from when on a car could charge. */
export interface Place {
  connector: number;
  startMs: number;
}

/**
 * The cheapest slots that a finished plan leaves free for a car: of each bank in reach the soonest, and the soonest from
 * when its energy is cheapest.
 */
export function cheapestOthers(plan: HerdPlan, problem: HerdProblem, car: number, most: number): Place[] {
  const others: (Place & { cost: number })[] = [];
  for (const bank of problem.candidates[car] as Int32Array) {
    const soonest = soonestIn(plan, problem, car, bank, problem.arriveMs(car, bank));
    const cheapest = soonestIn(plan, problem, car, bank, problem.cheapestFromMs(car, bank));
    others.push(soonest);
    if (cheapest.startMs !== soonest.startMs) others.push(cheapest);
  }
  return others
    .filter(({ cost }) => cost < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.cost - b.cost || a.startMs - b.startMs || a.connector - b.connector)
    .slice(0, most);
}

function soonestIn(
  plan: HerdPlan,
  problem: HerdProblem,
  car: number,
  bank: number,
  fromMs: number,
): Place & { cost: number } {
  let soonest = { connector: -1, startMs: Number.POSITIVE_INFINITY };
  for (const connector of problem.banks[bank] as readonly number[]) {
    const startMs = plan.freeStartMs(car, connector, fromMs);
    if (startMs < soonest.startMs) soonest = { connector, startMs };
    if (startMs <= fromMs) break;
  }
  return { ...soonest, cost: problem.cost(car, bank, soonest.startMs) };
}
