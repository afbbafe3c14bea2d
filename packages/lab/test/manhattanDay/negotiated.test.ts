import { expect, test } from "vitest";
import { liveDay } from "../../src/fleetDay/day.ts";
import type { DayOutcome, Session } from "../../src/fleetDay/measures.ts";
import { type DayMeasures, measuresOf } from "../../src/fleetDay/measures.ts";
import { negotiated } from "../../src/fleetDay/negotiated.ts";
import type { DayPolicy } from "../../src/fleetDay/policy.ts";
import { GIVEN_CUSTOMERS, GIVEN_SEEDS, givenDay } from "../../src/manhattanDay/givenDay.ts";
import { demandWithin, type GridPlace, MANHATTAN } from "../../src/manhattanDay/world.ts";

/** Of the mean of the five given days. */
const GOALS = [
  { customers: 3000, waitHours: 0.5, standbyHours: 6, servicePercent: 98 },
  { customers: 4000, waitHours: 1.5, standbyHours: 45, servicePercent: 86 },
];

const days = new Map(
  GIVEN_CUSTOMERS.map((customers) => [customers as number, GIVEN_SEEDS.map((seed) => liveGivenDay(customers, seed))]),
);

interface LivedDay {
  outcome: DayOutcome;
  /** What cars had as they plugged in, kWh. */
  plugInKwh: number[];
}

function liveGivenDay(customers: number, seed: number): LivedDay {
  const policy = negotiated(demandWithin);
  const plugInKwh: number[] = [];
  const watched: DayPolicy<GridPlace> = {
    ...policy,
    chargeUntilKwh: (car, charger, view) => {
      plugInKwh.push(car.kwh);
      return policy.chargeUntilKwh(car, charger, view);
    },
  };
  return { outcome: liveDay(MANHATTAN, givenDay(customers, seed), watched), plugInKwh };
}

test.each(GOALS)("with $customers customers cars hardly wait, hardly stand empty, and serve", (goal) => {
  const measures = (days.get(goal.customers) ?? []).map(({ outcome }) => measuresOf(outcome));
  const mean = (measure: keyof DayMeasures) => measures.reduce((sum, day) => sum + day[measure], 0) / measures.length;
  expect(mean("waitHours")).toBeLessThanOrEqual(goal.waitHours);
  expect(mean("standbyHours")).toBeLessThanOrEqual(goal.standbyHours);
  expect(mean("servicePercent")).toBeGreaterThanOrEqual(goal.servicePercent);
});

const overlaps = (sessions: readonly Session[]): boolean =>
  sessions.some((session) => {
    return sessions.some((other) => {
      const sharesPlugOrCar = other.charger === session.charger || other.car === session.car;
      const isMeanwhile = other.fromMin < session.untilMin - 1e-9 && other.untilMin > session.fromMin + 1e-9;
      return other !== session && sharesPlugOrCar && isMeanwhile;
    });
  });

test.each(GIVEN_CUSTOMERS)("with %i customers no day breaks a rule that all policies are under", (customers) => {
  for (const { outcome, plugInKwh } of days.get(customers) ?? []) {
    const { sessions, pickupMin, kwhAtStart, kwhAtEnd, drivenKm } = outcome;
    const { energyKwh } = measuresOf(outcome);
    const { battery, shortestSessionMin, customerPatienceMin, durationMin, kwhPerKm } = MANHATTAN;
    expect(kwhAtStart + energyKwh - kwhAtEnd - kwhPerKm * drivenKm).toBeCloseTo(0, 6);
    expect(overlaps(sessions)).toBe(false);
    expect(Math.min(...plugInKwh)).toBeGreaterThanOrEqual(battery.floorKwh - 1e-6);
    expect(Math.max(...pickupMin)).toBeLessThanOrEqual(customerPatienceMin + 1e-6);
    const lengths = sessions.filter(({ untilMin }) => untilMin < durationMin).map((s) => s.untilMin - s.fromMin);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(shortestSessionMin - 1e-6);
  }
});
