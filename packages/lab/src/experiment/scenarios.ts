import { minTotalTime as minTotalTimeDay, nearest as nearestDay } from "../fleetDay/baselines.ts";
import { liveDay } from "../fleetDay/day.ts";
import { measuresOf } from "../fleetDay/measures.ts";
import { negotiated as negotiatedDay } from "../fleetDay/negotiated.ts";
import type { DayPolicy } from "../fleetDay/policy.ts";
import type { Demand, World } from "../fleetDay/world.ts";
import { type HerdSize, newHerd } from "../herd/herd.ts";
import { BOUND_STEP_MIN } from "../herd/judgement.ts";
import { herdLowerBoundMin } from "../herd/lowerBound.ts";
import { herdMeasures } from "../herd/outcome.ts";
import { firstComeFirstServed, minTotalTime, nearestStation, negotiated, shortestQueue } from "../herd/policies.ts";
import { GIVEN_CUSTOMERS, GIVEN_SEEDS, givenDay } from "../manhattanDay/givenDay.ts";
import { newDay } from "../manhattanDay/newDay.ts";
import { demandWithin, type GridPlace, MANHATTAN } from "../manhattanDay/world.ts";
import { demandOf } from "../nycTrips/demandWithin.ts";
import { realCustomers, realDay } from "../nycTrips/realDay.ts";
import { NYC } from "../nycTrips/world.ts";
import { type Measure, named, type Scenario } from "./scenario.ts";

const HERD_POLICIES = [nearestStation, shortestQueue, minTotalTime, firstComeFirstServed, negotiated];

const HERD_MEASURES: Measure[] = [
  { name: "meanMin", title: "CHARGED MIN", digits: 1 },
  { name: "overBound", title: "BY BOUND", digits: 3 },
  { name: "p95Min", title: "P95 MIN", digits: 1 },
  { name: "meanWaitMin", title: "WAIT MIN", digits: 1 },
  { name: "p95WaitMin", title: "P95 WAIT", digits: 1 },
  { name: "farthestDetourKm", title: "DETOUR KM", digits: 1 },
  { name: "loadRatio", title: "LOAD RATIO", digits: 2 },
];

/** In the evening, when the grid is dearest: 17:00 in New York. */
const HERD_ASKS_MS = Date.UTC(2026, 5, 1, 21);

/** Cars that all ask at once. */
export function herdScenario(size: HerdSize): Scenario {
  /** By seed: all policies have the same. */
  const bounds = new Map<number, number>();
  return {
    name: "herd",
    policies: HERD_POLICIES.map(({ name }) => name),
    measures: HERD_MEASURES,
    stepMin: 5,
    live(policy, seed) {
      const herd = newHerd(size, seed);
      const boundMin = bounds.get(seed) ?? herdLowerBoundMin(herd, BOUND_STEP_MIN);
      bounds.set(seed, boundMin);
      const slots = named(HERD_POLICIES, policy).charge(herd, seed);
      const measures = herdMeasures(herd, slots);
      return {
        measures: { ...measures, overBound: measures.meanMin / boundMin },
        timeline: {
          durationMin: Math.max(...slots.map(({ endMin }) => endMin)),
          connectors: size.stations * size.connectors,
          waits: slots.map(({ arriveMin, startMin }) => ({ fromMin: arriveMin, untilMin: startMin })),
          sessions: slots.map(({ startMin, endMin, kwh }) => ({ fromMin: startMin, untilMin: endMin, kwh })),
          startMs: HERD_ASKS_MS,
        },
      };
    },
  };
}

const DAY_MEASURES: Measure[] = [
  { name: "waitHours", title: "WAIT H", digits: 2 },
  { name: "standbyHours", title: "STANDBY H", digits: 1 },
  { name: "servicePercent", title: "SERVED %", digits: 2 },
  { name: "energyKwh", title: "KWH", digits: 0 },
  { name: "chargerHours", title: "CHARGER H", digits: 1 },
  { name: "sessions", title: "SESSIONS", digits: 0 },
  { name: "drivenKm", title: "KM", digits: 0 },
];

function dayScenario<Place>(
  name: string,
  world: World<Place>,
  { startMs, startsAtMin }: { startMs: number; startsAtMin: number },
  demand: (seed: number) => Demand<Place>,
  negotiatedPolicy: () => DayPolicy<Place>,
): Scenario {
  // A new one for each run: they have a memory.
  const policies = [
    { name: "nearest", policy: () => nearestDay<Place>() },
    { name: "min-total-time", policy: () => minTotalTimeDay<Place>() },
    { name: "negotiated", policy: negotiatedPolicy },
  ];
  return {
    name,
    policies: policies.map((each) => each.name),
    measures: DAY_MEASURES,
    stepMin: 15,
    startsAtMin,
    live(policy, seed) {
      const outcome = liveDay(world, demand(seed), named(policies, policy).policy());
      return {
        measures: { ...measuresOf(outcome) },
        timeline: {
          durationMin: world.durationMin,
          connectors: world.chargers.length,
          waits: outcome.waits,
          sessions: outcome.sessions,
          startMs,
        },
      };
    },
  };
}

/** The given days first, where there are some with so many customers, then new ones. */
export function manhattanScenario(customers: number): Scenario {
  const isGiven = GIVEN_CUSTOMERS.some((given) => given === customers);
  const day = (seed: number): Demand<GridPlace> => {
    const given = isGiven ? GIVEN_SEEDS[seed - 1] : undefined;
    return given === undefined ? newDay(customers, seed) : givenDay(customers, given);
  };
  const sixInTheMorning = { startMs: Date.UTC(2026, 5, 1, 10), startsAtMin: 6 * 60 };
  return dayScenario("manhattan-day", MANHATTAN, sixInTheMorning, day, () => negotiatedDay(demandWithin));
}

/** The real trips of a day; a seed says where the cars begin. */
export function nycScenario(): Scenario {
  const demand = demandOf(realCustomers());
  const midnight = { startMs: Date.UTC(2014, 11, 21, 5), startsAtMin: 0 };
  return dayScenario("nyc-trips", NYC, midnight, realDay, () => negotiatedDay(demand));
}
