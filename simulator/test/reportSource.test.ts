import { readCity } from "@greenlane/city";
import type { Telemetry } from "@greenlane/contracts";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fleetSource, type ReportSource, replaySource } from "../src/reportSource.ts";

const manhattan = readCity();
const START_MS = 1_800_000_000_000;
const TICK_MS = 20;
/** When the last car of `plan` has set out, 200 a second. */
const SETTING_OUT_MS = 1_000 * (3 / 200);
const walkIns = { negotiate: false, topUpPercent: 100 };
const plan = { cars: 3, seed: 7, prefix: "CAR-", capacityKwh: 50, kwhPerKm: 0.18, rate: 1, speedUp: 1, ...walkIns };

/** What a source hands out, tick by tick, from START_MS on for so long, each with the time of the handing out. */
function play(source: ReportSource, lengthMs: number, mayTake: (carId: string, nowMs: number) => boolean = () => true) {
  const taken: { report: Telemetry; nowMs: number }[] = [];
  for (let nowMs = START_MS; nowMs < START_MS + lengthMs && !source.exhausted(); nowMs += TICK_MS) {
    source.due(
      nowMs,
      (carId) => mayTake(carId, nowMs),
      (report) => taken.push({ report, nowMs }),
    );
  }
  return taken;
}
const ofCar = (taken: { report: Telemetry }[], carId: string) =>
  taken.map(({ report }) => report).filter((report) => report.carId === carId);

test.each([0.1, 1, 10, 47, 200, 1_000])(
  "at %d reports a second each car reports as often, at moments of its own",
  (rate) => {
    const seconds = 10;
    const taken = play(fleetSource({ ...plan, rate }, manhattan), seconds * 1000);
    for (const carId of ["CAR-001", "CAR-002", "CAR-003"]) {
      const times = ofCar(taken, carId).map(({ timestampMs }) => timestampMs);
      expect(Math.abs(times.length - rate * seconds)).toBeLessThanOrEqual(
        rate * ((TICK_MS + SETTING_OUT_MS) / 1000) + 1,
      );
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    }
    const aheadOfTime = taken.filter(({ report, nowMs }) => report.timestampMs > nowMs + TICK_MS);
    expect(aheadOfTime).toEqual([]);
  },
);

test("a large fleet does not set out all at once", () => {
  const firsts = play(fleetSource({ ...plan, cars: 1_000, rate: 10 }, manhattan), 6_000);
  const setOut = (untilMs: number) =>
    new Set(firsts.filter(({ nowMs }) => nowMs - START_MS <= untilMs).map(({ report }) => report.carId)).size;
  expect(setOut(1_000)).toBeLessThanOrEqual(210);
  expect(setOut(6_000)).toBe(1_000);
});

test("the cars of a fleet report one after the other, not all at once", () => {
  const firsts = play(fleetSource({ ...plan, cars: 4 }, manhattan), 1_000);
  expect(firsts.map(({ nowMs }) => nowMs - START_MS)).toEqual([0, 260, 500, 760]);
});

test("a car that must wait makes none meanwhile, makes up for a second, and holds up no other", () => {
  const waits = (carId: string, nowMs: number) => carId !== "CAR-002" || nowMs >= START_MS + 5_000;
  const taken = play(fleetSource({ ...plan, rate: 10 }, manhattan), 10_000, waits);
  const late = ofCar(taken, "CAR-002");
  expect(late[0]?.timestampMs).toBeGreaterThan(START_MS + 4_900);
  expect(Math.abs(late.length - 60)).toBeLessThanOrEqual(2);
  expect(Math.abs(ofCar(taken, "CAR-001").length - 100)).toBeLessThanOrEqual(1);
});

test("with a speed-up a car lives in a minute what it would live in an hour", () => {
  const odometers = (speedUp: number, lengthMs: number) => {
    const last = new Map(
      play(fleetSource({ ...plan, speedUp }, manhattan), lengthMs).map(({ report }) => [report.carId, report]),
    );
    return [...last.values()].map(({ odometerKm }) => odometerKm);
  };
  const [slow, fast, atStart] = [odometers(1, 3_600_000), odometers(60, 60_000), odometers(1, 1_000)];
  for (const n of [0, 1]) {
    const drivenKm = (slow[n] ?? 0) - (atStart[n] ?? 0);
    expect(drivenKm).toBeGreaterThan(10);
    expect(Math.abs((fast[n] ?? 0) - (slow[n] ?? 0))).toBeLessThan(drivenKm / 10);
  }
});

function recorded(carId: string, timestampMs: number): Telemetry {
  return {
    carId,
    latitude: 40,
    longitude: -73,
    batteryPercent: 80,
    velocityKmh: 10,
    timestampMs,
    ...{ chargingStationId: "", sessionId: "", energyKwh: 0, odometerKm: 0 },
  };
}
const wholeDay = [
  recorded("A", 1_000),
  recorded("B", 1_000),
  recorded("A", 1_500),
  recorded("B", 3_000),
  recorded("A", 11_000),
];

test("a recording is played in its order with its distances in time, from now on, and ends", () => {
  const source = replaySource(wholeDay, 1);
  expect(source.carIds).toEqual(["A", "B"]);
  const taken = play(source, 60_000);
  expect(taken.map(({ report }) => [report.carId, report.timestampMs - START_MS])).toEqual([
    ["A", 0],
    ["B", 0],
    ["A", 500],
    ["B", 2_000],
    ["A", 10_000],
  ]);
  expect(taken.every(({ report, nowMs }) => report.timestampMs <= nowMs && report.timestampMs > nowMs - TICK_MS)).toBe(
    true,
  );
  expect(source.exhausted()).toBe(true);
});

test("a speed-up divides the distances in time of a recording", () => {
  const taken = play(replaySource(wholeDay, 10), 60_000);
  expect(taken.map(({ report }) => report.timestampMs - START_MS)).toEqual([0, 0, 50, 200, 1_000]);
});

test("however fast a recording is played, all of it is played, and no car reports a moment twice", () => {
  const moments = fc.uniqueArray(fc.tuple(fc.constantFrom("A", "B"), fc.integer({ min: 1, max: 1_000 })), {
    selector: ([carId, timestampMs]) => `${carId} ${timestampMs}`,
    minLength: 2,
  });
  const speedUp = fc.double({ min: 0.1, max: 10_000, noNaN: true });
  fc.assert(
    fc.property(moments, speedUp, (recording, times) => {
      const inOrder = recording
        .map(([carId, timeMs]) => recorded(carId, timeMs))
        .sort((a, b) => a.timestampMs - b.timestampMs);
      const taken = play(replaySource(inOrder, times), 11_000);
      expect(taken.map(({ report }) => report.carId)).toEqual(inOrder.map(({ carId }) => carId));
      const played = taken.map(({ report }) => `${report.carId} ${report.timestampMs}`);
      expect(new Set(played).size).toBe(recording.length);
    }),
  );
});

test("a recorded car that must wait holds up what comes after, so that the order stays", () => {
  const waits = (carId: string, nowMs: number) => carId !== "B" || nowMs >= START_MS + 5_000;
  const taken = play(replaySource(wholeDay, 1), 60_000, waits);
  expect(taken.map(({ report, nowMs }) => [report.carId, nowMs - START_MS])).toEqual([
    ["A", 0],
    ["B", 5_000],
    ["A", 5_000],
    ["B", 5_000],
    ["A", 10_000],
  ]);
});
