import * as fc from "fast-check";
import { expect, test } from "vitest";
import { distanceKm, oneRequestPerCar, percentAfterDrive, visitTo } from "../../src/index.ts";
import { CENTRE, connector, HOUR_MS, NOW_MS, request, TERMS } from "./herds.ts";

const { travel } = TERMS;
const AWAY = { latitude: 40.8, longitude: -73.98 };
const awayKm = 1.3 * distanceKm(CENTRE, AWAY);

const visit = (car: Parameters<typeof request>[0], plug: Parameters<typeof connector>[0] = { at: AWAY }, share = 1) =>
  visitTo(request(car), connector(plug), travel, NOW_MS, share);

test("a car drives the road, arrives with what that leaves, and charges from there to its target", () => {
  const there = visit({ batteryPercent: 40, kwhPerKm: 0.2 });
  const arrivalPercent = 40 - ((awayKm * 0.2) / 60) * 100;
  expect(there?.km).toBeCloseTo(awayKm, 9);
  expect(there?.arriveMs).toBe(NOW_MS + Math.ceil((awayKm / 30) * HOUR_MS));
  expect(there?.kwh).toBeCloseTo(((80 - arrivalPercent) / 100) * 60, 9);
  expect(there?.chargeMs).toBe(Math.ceil(((there?.kwh ?? 0) / 48) * HOUR_MS));
});

test("a car arrives with the reserve or does not set out", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 20, noNaN: true }), (batteryPercent) => {
      const car = { batteryPercent, kwhPerKm: 0.2 };
      const arrivalPercent = percentAfterDrive(request(car), awayKm);
      expect(visit(car) !== undefined).toBe(arrivalPercent >= travel.reservePercent);
    }),
  );
});

test("the weaker of car and connector says how long it takes", () => {
  const minutes = [20, 48, 100].map((maxPowerKw) => (visit({ maxPowerKw })?.chargeMs ?? 0) / 60_000);
  expect(minutes).toEqual([72, 30, 30]);
});

test("a car that has its target, that the plug does not fit, or that would not go there has no visit", () => {
  expect(visit({ batteryPercent: 80 })).toBeUndefined();
  expect(visit({ connectorTypes: ["CHAdeMO"] })).toBeUndefined();
  expect(visit({ connectorTypes: ["CHAdeMO", "CCS"] })).toBeDefined();
  expect(visit({ stationIds: ["another"] })).toBeUndefined();
  expect(visit({ stationIds: ["another", "station"] })).toBeDefined();
});

test("a car plugs in no earlier than it says", () => {
  expect(visit({ earliestMs: NOW_MS + 5 * HOUR_MS })?.arriveMs).toBe(NOW_MS + 5 * HOUR_MS);
});

test("a station that sells a part charges to less, but never to less than the car accepts", () => {
  const targets = [0, 50, 70].map((leastPercent) => visit({ leastPercent }, { at: CENTRE }, 0.5)?.targetPercent);
  expect(targets).toEqual([60, 60, 70]);
});

test("of a car that asks twice only its oldest request counts", () => {
  const asked = [
    request({ carId: "a", requestId: "younger", askedAtMs: NOW_MS }),
    request({ carId: "a", requestId: "y", askedAtMs: NOW_MS - 1 }),
    request({ carId: "a", requestId: "z", askedAtMs: NOW_MS - 1 }),
    request({ carId: "b", requestId: "other" }),
  ];
  expect(oneRequestPerCar(asked).map(({ requestId }) => requestId)).toEqual(["y", "other"]);
});
