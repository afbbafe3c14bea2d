import { seededRandom } from "../seededRandom.ts";
import { type ChargeRequest, type Connector, oneRequestPerCar } from "./chargeRequest.ts";
import type { TimeRange } from "./connectorCalendar.ts";
import { HerdPlan } from "./herdPlan.ts";
import { HerdProblem, type HerdTerms, type OpenConnector } from "./herdProblem.ts";
import { improve } from "./localSearch.ts";
import { insertByRegret } from "./regretInsertion.ts";

export interface MatchTerms extends HerdTerms {
  /** Trials of the local search: the time that matching takes is in proportion. */
  trials: number;
  /** The same seed gives the same match. */
  seed: number;
}

/** A car's slot. */
export interface Match extends TimeRange {
  request: ChargeRequest;
  connector: Connector;
  /** When the car could plug in, leaving now, Unix ms: what is between this and the start it waits, where it likes. */
  arriveMs: number;
  kwh: number;
  pricePerKwh: number;
}

export interface HerdMatch {
  matches: Match[];
  /** No slot keeps to these cars' limits. Those that ask again with the same request keep their age. */
  unmatched: ChargeRequest[];
}

/**
 * Gives slots to cars that ask at about the same time, so that all together it costs the least rather than for each that
 * comes first: built by regret insertion, then improved by local search. Of each car one request counts
 * (`oneRequestPerCar`). Slots are on free time only, never overlap, and keep to all limits of their cars.
 */
export function matchHerd(
  requests: readonly ChargeRequest[],
  connectors: readonly OpenConnector[],
  terms: MatchTerms,
): HerdMatch {
  const problem = new HerdProblem(oneRequestPerCar(requests), connectors, terms);
  const plan = new HerdPlan(problem);
  insertByRegret(plan, problem, problem.requests.keys());
  improve(plan, problem, terms.trials, seededRandom(terms.seed));
  return outcomeOf(plan, problem);
}

function outcomeOf(plan: HerdPlan, problem: HerdProblem): HerdMatch {
  const matches: Match[] = [];
  const unmatched: ChargeRequest[] = [];
  problem.requests.forEach((request, car) => {
    const number = plan.connectorOf(car);
    const connector = problem.connectors[number]?.connector;
    if (connector === undefined) {
      unmatched.push(request);
      return;
    }
    const bank = problem.bankOf[number] as number;
    const startMs = plan.startMs(car);
    matches.push({
      request,
      connector,
      startMs,
      endMs: startMs + problem.chargeMs(car, bank),
      arriveMs: problem.arriveMs(car, bank),
      kwh: problem.kwh(car, bank),
      pricePerKwh: problem.pricePerKwh(car, bank, startMs),
    });
  });
  return { matches, unmatched };
}
