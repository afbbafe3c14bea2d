import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chargingPowerKw, distanceKm, pointBetween } from "../src/index.ts";

const point = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});

test("a distance is the same both ways, and no way round is shorter", () => {
  fc.assert(
    fc.property(point, point, point, (a, b, c) => {
      expect(distanceKm(a, b)).toBeCloseTo(distanceKm(b, a), 6);
      expect(distanceKm(a, c)).toBeLessThanOrEqual(distanceKm(a, b) + distanceKm(b, c) + 1e-6);
    }),
  );
});

test("from New York to London it is 5,570 km", () => {
  const newYork = { latitude: 40.7128, longitude: -74.006 };
  const london = { latitude: 51.5074, longitude: -0.1278 };
  expect(Math.abs(distanceKm(newYork, london) - 5570)).toBeLessThan(2);
  expect(pointBetween(newYork, london, 0)).toEqual(newYork);
});

test("a battery takes full power to 80 %, then ever less, and none when it is full", () => {
  expect(chargingPowerKw(80, 50)).toBe(50);
  expect(chargingPowerKw(90, 50)).toBeCloseTo(27.5, 9);
  expect(chargingPowerKw(100, 50)).toBe(0);
});
