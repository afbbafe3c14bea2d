import { expect, test } from "vitest";
import { minTotalTime, nearest } from "../../src/fleetDay/baselines.ts";
import { liveDay } from "../../src/fleetDay/day.ts";
import { type DayMeasures, measuresOf } from "../../src/fleetDay/measures.ts";
import { GIVEN_SEEDS, givenDay } from "../../src/manhattanDay/givenDay.ts";
import { MANHATTAN } from "../../src/manhattanDay/world.ts";

/** Means of the five given days in an independent simulator. */
const REFERENCE = [
  { customers: 3000, policy: nearest, waitHours: 127.86, servicePercent: 83.72, energyKwh: 2670.8 },
  { customers: 3000, policy: minTotalTime, waitHours: 119.64, servicePercent: 85.24, energyKwh: 2857.2 },
  { customers: 4000, policy: nearest, waitHours: 203.6, servicePercent: 64.34, energyKwh: 2497.2 },
  { customers: 4000, policy: minTotalTime, waitHours: 165.16, servicePercent: 66.18, energyKwh: 2906.4 },
];

test.each(REFERENCE)(
  "with $customers customers $policy.name does as in another simulator",
  ({ customers, policy, ...reference }) => {
    const days = GIVEN_SEEDS.map((seed) => measuresOf(liveDay(MANHATTAN, givenDay(customers, seed), policy())));
    const mean = (measure: keyof DayMeasures) => days.reduce((sum, day) => sum + day[measure], 0) / days.length;
    expect(Math.abs(mean("servicePercent") - reference.servicePercent)).toBeLessThan(1.5);
    expect(Math.abs(mean("energyKwh") / reference.energyKwh - 1)).toBeLessThan(0.05);
    expect(Math.abs(mean("waitHours") / reference.waitHours - 1)).toBeLessThan(0.15);
  },
);
