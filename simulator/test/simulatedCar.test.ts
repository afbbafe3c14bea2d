import { expect, test } from "vitest";
import { readStations, readTrips } from "../src/cityData.ts";
import { createFleet } from "../src/fleet.ts";

const plan = { cars: 25, seed: 7, prefix: "CAR-", capacityKwh: 50, kwhPerKm: 0.18 };
const START_MS = 1_800_000_000_000;

test("the same seed gives the same fleet and the same day, another seed another", () => {
  const day = (seed: number) => {
    const fleet = createFleet({ ...plan, seed });
    for (let second = 0; second < 600; second++) for (const car of fleet) car.step(1, START_MS + second * 1000);
    return fleet.map((car) => car.report(START_MS));
  };
  expect(day(7)).toEqual(day(7));
  expect(day(7)).not.toEqual(day(8));
});

test("energy driven and charged explains every change of charge", () => {
  for (const car of createFleet(plan)) {
    let before = car.report(START_MS);
    for (let second = 1; second < 7_200; second++) {
      car.step(1, START_MS + second * 1000);
      const after = car.report(START_MS + second * 1000);
      const drivenKwh = (after.odometerKm - before.odometerKm) * plan.kwhPerKm;
      const ended = before.sessionId !== "" && after.sessionId === "";
      const chargedKwh = ended
        ? Math.max(0, ((after.batteryPercent - before.batteryPercent) / 100) * plan.capacityKwh)
        : after.energyKwh - (after.sessionId === before.sessionId ? before.energyKwh : 0);
      const changeKwh = ((after.batteryPercent - before.batteryPercent) / 100) * plan.capacityKwh;
      expect(changeKwh).toBeCloseTo(chargedKwh - drivenKwh, 6);
      before = after;
    }
  }
});

test("within ten seconds a run shows charging and a critical battery", () => {
  const fleet = createFleet(plan);
  const seen = { charging: false, critical: false };
  for (let second = 0; second < 10; second++) {
    for (const car of fleet) {
      car.step(1, START_MS);
      const report = car.report(START_MS);
      seen.charging ||= report.sessionId !== "";
      seen.critical ||= report.batteryPercent < 15;
    }
  }
  expect(seen).toEqual({ charging: true, critical: true });
});

test("what the real data has of oddities is left out and counted", () => {
  expect(readTrips().dropped).toBeGreaterThan(136);
  expect(readTrips().items.length).toBeGreaterThan(19_000);
  expect(readStations().items).toHaveLength(12);
});
