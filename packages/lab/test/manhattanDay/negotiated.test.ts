import { expect, test } from "vitest";
import { liveDay } from "../../src/fleetDay/day.ts";
import { type DayMeasures, type DayOutcome, measuresOf, type Session } from "../../src/fleetDay/measures.ts";
import { negotiated } from "../../src/fleetDay/negotiated.ts";
import type { DayPolicy } from "../../src/fleetDay/policy.ts";
import { GIVEN_CUSTOMERS, GIVEN_SEEDS, givenDay } from "../../src/manhattanDay/givenDay.ts";
import { demandWithin, type GridPlace, MANHATTAN } from "../../src/manhattanDay/world.ts";

/** Of the mean of the five given days. */
const GOALS = [
  { customers: 3000, waitHours: 0.5, standbyHours: 6, servicePercent: 98 },
  { customers: 4000, waitHours: 1.5, standbyHours: 45, servicePercent: 86 },
];

interface LivedDay {
  outcome: DayOutcome;
  /** What cars had as they plugged in, and what they were to be charged to, kWh. */
  plugIns: { kwh: number; untilKwh: number }[];
}

const lived = new Map<number, LivedDay[]>();

/** The five given days of so many customers; lived through once. */
function givenDays(customers: number): LivedDay[] {
  const days = lived.get(customers) ?? GIVEN_SEEDS.map((seed) => liveGivenDay(customers, seed));
  lived.set(customers, days);
  return days;
}

function liveGivenDay(customers: number, seed: number): LivedDay {
  const policy = negotiated(demandWithin);
  const plugIns: LivedDay["plugIns"] = [];
  const watched: DayPolicy<GridPlace> = {
    ...policy,
    chargeUntilKwh: (car, charger, view) => {
      const untilKwh = policy.chargeUntilKwh(car, charger, view);
      plugIns.push({ kwh: car.kwh, untilKwh });
      return untilKwh;
    },
  };
  return { outcome: liveDay(MANHATTAN, givenDay(customers, seed), watched), plugIns };
}

test.each(GOALS)("with $customers customers cars hardly wait, hardly stand empty, and serve", (goal) => {
  const measures = givenDays(goal.customers).map(({ outcome }) => measuresOf(outcome));
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
  for (const { outcome, plugIns } of givenDays(customers)) {
    const { sessions, pickupMin, kwhAtStart, kwhAtEnd, drivenKm } = outcome;
    const { energyKwh } = measuresOf(outcome);
    const { battery, shortestSessionMin, customerPatienceMin, durationMin, kwhPerKm } = MANHATTAN;
    expect(kwhAtStart + energyKwh - kwhAtEnd - kwhPerKm * drivenKm).toBeCloseTo(0, 6);
    expect(overlaps(sessions)).toBe(false);
    expect(Math.min(...plugIns.map(({ kwh }) => kwh))).toBeGreaterThanOrEqual(battery.floorKwh - 1e-6);
    expect(Math.max(...plugIns.map(({ untilKwh }) => untilKwh))).toBeLessThanOrEqual(battery.ceilingKwh + 1e-6);
    expect(Math.max(...pickupMin)).toBeLessThanOrEqual(customerPatienceMin + 1e-6);
    const lengths = sessions.filter(({ untilMin }) => untilMin < durationMin).map((s) => s.untilMin - s.fromMin);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(shortestSessionMin - 1e-6);
  }
});
