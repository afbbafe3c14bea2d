import { type City, readCity, type Station } from "@greenlane/city";
import { type Telemetry, telemetryFault } from "@greenlane/contracts";
import { distanceKm, type Point, seededRandom } from "@greenlane/domain";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createFleet } from "../src/fleet.ts";
import { SimulatedCar } from "../src/simulatedCar.ts";

const manhattan = readCity();

const walkIns = { negotiate: false, topUpPercent: 100, speedUp: 1 };
const plan = { cars: 25, seed: 7, prefix: "CAR-", capacityKwh: 50, kwhPerKm: 0.18, ...walkIns };
const START_MS = 1_800_000_000_000;

/** Lets a car live for some steps, each followed by its report. */
function* reportsOf(car: SimulatedCar, steps: number, stepS: number): Generator<Telemetry> {
  for (let n = 1; n <= steps; n++) {
    const nowMs = START_MS + n * stepS * 1000;
    car.step(stepS, nowMs);
    yield car.report(nowMs);
  }
}

const kwhIn = (report: Telemetry) => (report.batteryPercent / 100) * plan.capacityKwh;

test("the same seed gives the same fleet and the same day, another seed another", () => {
  const day = (seed: number) =>
    createFleet({ ...plan, seed }, manhattan).map((car) => [...reportsOf(car, 600, 1)].at(-1));
  expect(day(7)).toEqual(day(7));
  expect(day(7)).not.toEqual(day(8));
});

test("what a car does depends neither on the other cars nor on how the time is cut into steps", () => {
  const few = createFleet({ ...plan, cars: 5 }, manhattan);
  const many = createFleet(plan, manhattan);
  for (const car of many) car.step(1_800, START_MS);
  for (const [n, car] of few.entries()) {
    if (car.batteryPercent < 20) continue;
    for (const stepS of [0.5, 299.5, 1, 999, 500]) car.step(stepS, START_MS);
    const [one, other] = [car.report(START_MS), many[n]?.report(START_MS)];
    expect(distanceKm(one, other ?? one)).toBeLessThan(1e-6);
    expect(one.odometerKm).toBeCloseTo(other?.odometerKm ?? Number.NaN, 6);
  }
});

test.each([1, 7, 60, 900])("in steps of %i s, energy driven and charged explains every change of charge", (stepS) => {
  for (const car of createFleet(plan, manhattan)) {
    let before = car.report(START_MS);
    for (const after of reportsOf(car, Math.min(1_000, 36_000 / stepS), stepS)) {
      const drivenKwh = (after.odometerKm - before.odometerKm) * plan.kwhPerKm;
      const chargedKwh = after.energyKwh - (after.sessionId === before.sessionId ? before.energyKwh : 0);
      const unexplainedKwh = kwhIn(after) - kwhIn(before) - chargedKwh + drivenKwh;
      if (Math.abs(unexplainedKwh) > 1e-6) expect({ unexplainedKwh, before, after }).toBeUndefined();
      before = after;
    }
  }
});

test.each([1, 60, 900])("in steps of %i s, the last readings of all sessions add up to the energy charged", (stepS) => {
  for (const car of createFleet(plan, manhattan)) {
    const first = car.report(START_MS);
    const lastReading = new Map<string, number>();
    let last = first;
    for (const report of reportsOf(car, Math.ceil(36_000 / stepS), stepS)) {
      if (report.sessionId !== "") lastReading.set(report.sessionId, report.energyKwh);
      last = report;
    }
    const drivenKwh = (last.odometerKm - first.odometerKm) * plan.kwhPerKm;
    const chargedKwh = kwhIn(last) - kwhIn(first) + drivenKwh;
    expect([...lastReading.values()].reduce((sum, kwh) => sum + kwh, 0)).toBeCloseTo(chargedKwh, 6);
  }
});

test("a session's meter only rises, at no more than the station's power, and less above 80 %", () => {
  const stations = new Map(manhattan.stations.map((station) => [station.stationId, station]));
  for (const car of createFleet(plan, manhattan).filter(({ batteryPercent }) => batteryPercent < 20)) {
    let before = car.report(START_MS);
    const powers: { at: number; powerKw: number; stationKw: number }[] = [];
    for (const after of reportsOf(car, 7_200, 1)) {
      if (after.sessionId !== "" && after.sessionId === before.sessionId) {
        const stationKw = stations.get(after.chargingStationId)?.connectors[0]?.powerKw ?? 0;
        powers.push({ at: before.batteryPercent, powerKw: (after.energyKwh - before.energyKwh) * 3600, stationKw });
      }
      before = after;
    }
    expect(powers.filter(({ powerKw, stationKw }) => !(powerKw > 0 && powerKw <= stationKw * (1 + 1e-9)))).toEqual([]);
    const tapered = powers.filter(({ at }) => at > 80.1);
    expect(tapered.length).toBeGreaterThan(0);
    expect(tapered.filter(({ powerKw, stationKw }) => powerKw >= stationKw)).toEqual([]);
  }
});

test("a car leaves its station with 90 %", () => {
  const [car] = createFleet({ ...plan, cars: 1 }, manhattan);
  const reports = [...reportsOf(car ?? missing(), 7_200, 1)];
  const last = reports.filter(({ sessionId }) => sessionId !== "").at(-1);
  expect(last?.batteryPercent).toBeCloseTo(90, 9);
});

function missing(): never {
  throw new Error("there is no such car");
}

function stationAt(stationId: string, at: Point): Station {
  return {
    stationId,
    name: "",
    ...at,
    connectors: [{ connectorId: "1", powerKw: 50, type: "CCS", status: "available" }],
  };
}

const harlem: Point = { latitude: 40.81, longitude: -73.95 };
const village: Point = { latitude: 40.73, longitude: -74 };
const chelsea: Point = { latitude: 40.745, longitude: -74 };
const wallStreet: Point = { latitude: 40.706, longitude: -74.009 };
const queens: Point = { latitude: 40.75, longitude: -73.85 };

/** The places in the order in which the car comes by. */
function comesBy(car: SimulatedCar, places: Record<string, Point>, seconds: number): string[] {
  const visits: string[] = [];
  for (const report of reportsOf(car, seconds, 1)) {
    const here = Object.entries(places).find(([, at]) => distanceKm(report, at) < 0.02)?.[0];
    if (here !== undefined && visits.at(-1) !== here) visits.push(here);
  }
  return visits;
}

test("a car drives empty to where somebody waits, and then to where they want to go", () => {
  const city: City = {
    trips: [{ from: harlem, to: village }],
    stations: [stationAt("Q", queens)],
  };
  const car = new SimulatedCar("CAR-1", 80, plan, city, seededRandom(1));
  expect(comesBy(car, { harlem, village }, 10_800).slice(0, 5)).toEqual([
    "harlem",
    "village",
    "harlem",
    "village",
    "harlem",
  ]);
});

test("of the trips on offer a car takes the one that begins nearest", () => {
  const city: City = {
    trips: [
      { from: harlem, to: village },
      { from: chelsea, to: wallStreet },
    ],
    stations: [stationAt("Q", queens)],
  };
  /** Offers all trips in turn. */
  let draws = 0;
  const inTurn = () => ((draws++ % 4) + 0.5) / 4;
  const car = new SimulatedCar("CAR-1", 80, plan, city, inTurn);
  // The first trip may be the one from Harlem.
  const later = comesBy(car, { harlem, village, chelsea, wallStreet }, 14_400).slice(2);
  expect(later.length).toBeGreaterThan(4);
  expect(new Set(later)).toEqual(new Set(["chelsea", "wallStreet"]));
});

test("no car sets out for a trip that would leave it less than a reserve", () => {
  const small = { ...plan, cars: 10, capacityKwh: 12 };
  for (const car of createFleet(small, manhattan)) {
    const charges = [...reportsOf(car, 4_320, 20)].map(({ batteryPercent }) => batteryPercent);
    expect(Math.min(...charges)).toBeGreaterThan(4.9);
  }
});

test("a car that runs empty stands where it is, and is towed to a station after half an hour", () => {
  const city: City = {
    trips: [{ from: harlem, to: wallStreet }],
    stations: [stationAt("Q", queens)],
  };
  const car = new SimulatedCar("CAR-1", 25, { capacityKwh: 10, kwhPerKm: 1, speedUp: 1 }, city, seededRandom(1));
  const reports = [...reportsOf(car, 7_200, 1)];
  const rescued = reports.findIndex(({ sessionId }) => sessionId !== "");
  const empty = reports.slice(0, rescued).filter(({ batteryPercent }) => batteryPercent === 0);
  expect(Math.abs(empty.length - 1_800)).toBeLessThanOrEqual(1);
  const where = ({ latitude, longitude, odometerKm, velocityKmh }: Telemetry) => {
    return { latitude, longitude, odometerKm, velocityKmh };
  };
  for (const report of empty) expect(where(report)).toEqual({ ...where(empty[0] ?? missing()), velocityKmh: 0 });
  expect(reports[rescued]).toMatchObject({ chargingStationId: "Q", ...queens });
});

test("whatever the battery, the consumption and the steps, a car's reports break no rule and its life goes on", () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const traits = fc.record({ capacityKwh: number(1, 1_000), kwhPerKm: number(0.01, 10), speedUp: fc.constant(1) });
  const stepsS = fc.array(fc.oneof(number(0.001, 10), number(10, 100_000)), { maxLength: 50 });
  fc.assert(
    fc.property(traits, fc.nat(), number(0, 100), stepsS, (battery, seed, batteryPercent, steps) => {
      const car = new SimulatedCar("CAR-1", batteryPercent, battery, manhattan, seededRandom(seed));
      let lastKm = 0;
      for (const stepS of steps) {
        car.step(stepS, START_MS);
        const report = car.report(START_MS);
        expect(telemetryFault(report)).toBeNull();
        expect(report.odometerKm).toBeGreaterThanOrEqual(lastKm);
        lastKm = report.odometerKm;
      }
    }),
  );
});

test.each([1, 2, 3, 25])("within ten seconds a run of %i cars shows charging and a critical battery", (cars) => {
  const seen = { charging: false, critical: false };
  for (const car of createFleet({ ...plan, cars }, manhattan)) {
    for (const report of reportsOf(car, 10, 1)) {
      seen.charging ||= report.energyKwh > 0;
      seen.critical ||= report.batteryPercent < 15;
    }
  }
  expect(seen).toEqual({ charging: true, critical: true });
});
