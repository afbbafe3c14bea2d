import { seededRandom } from "../seededRandom.ts";
import { FreePlaces } from "./alternatives.ts";
import { type ChargeRequest, type Connector, oneRequestPerCar } from "./chargeRequest.ts";
import type { TimeRange } from "./connectorCalendar.ts";
import { HerdPlan } from "./herdPlan.ts";
import { HerdProblem, type HerdTerms, type OpenConnector } from "./herdProblem.ts";
import { improve } from "./localSearch.ts";
import { insertByRegret } from "./regretInsertion.ts";

/** Of `quadraticPerHour`: it costs nothing of the mean, and takes the edge off the longest waits. */
export const QUADRATIC_PER_HOUR = 0.02;

export interface MatchTerms extends HerdTerms {
  /** Trials of the local search: the time that matching takes is in proportion. */
  trials: number;
  /** Asked now and then whether the search may go on; without it, it makes all its trials. */
  mayGoOn?: () => boolean;
  /** How many other options each car with a slot gets at the most; when left out, none. */
  alternatives?: number;
  /** The same seed gives the same match, as long as the search may go on. */
  seed: number;
}

/** A slot that a car could have. */
export interface ChargeOption extends TimeRange {
  connector: Connector;
  /** When the car could plug in, leaving now, Unix ms: what is between this and the start it waits, where it likes. */
  arriveMs: number;
  km: number;
  /** What it is charged to: what it asks for, or less where the station is crowded, %. */
  targetPercent: number;
  kwh: number;
  pricePerKwh: number;
}

/** A car's slot. */
export interface Match extends ChargeOption {
  request: ChargeRequest;
  /** Other slots, the cheapest first. Nobody has them: none overlaps a match, but those of several cars overlap. */
  alternatives: ChargeOption[];
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
  for (const cars of problem.byAge()) insertByRegret(plan, problem, cars);
  improve(plan, problem, terms.trials, seededRandom(terms.seed), terms.mayGoOn);
  return outcomeOf(plan, problem, terms.alternatives ?? 0);
}

function outcomeOf(plan: HerdPlan, problem: HerdProblem, alternatives: number): HerdMatch {
  const matches: Match[] = [];
  const unmatched: ChargeRequest[] = [];
  const free = alternatives > 0 ? new FreePlaces(plan, problem) : undefined;
  problem.requests.forEach((request, car) => {
    const connector = plan.connectorOf(car);
    if (connector < 0) unmatched.push(request);
    else {
      const option = optionAt(problem, car, { connector, startMs: plan.startMs(car) });
      const others = free?.cheapest(car, alternatives) ?? [];
      matches.push({ request, ...option, alternatives: others.map((place) => optionAt(problem, car, place)) });
    }
  });
  return { matches, unmatched };
}

function optionAt(problem: HerdProblem, car: number, place: { connector: number; startMs: number }): ChargeOption {
  const { connector } = problem.connectors[place.connector] as OpenConnector;
  const bank = problem.bankOf[place.connector] as number;
  const { startMs } = place;
  return {
    connector,
    startMs,
    endMs: startMs + problem.chargeMs(car, bank),
    arriveMs: problem.arriveMs(car, bank),
    km: problem.km(car, bank),
    targetPercent: problem.targetPercent(car, bank),
    kwh: problem.kwh(car, bank),
    pricePerKwh: problem.pricePerKwh(car, bank, startMs),
  };
}
