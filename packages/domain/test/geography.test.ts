import * as fc from "fast-check";
import { expect, test } from "vitest";
import { distanceKm, type Point, pointBetween } from "../src/index.ts";

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const point: fc.Arbitrary<Point> = fc.record({ latitude: number(-90, 90), longitude: number(-180, 180) });
const share = number(0, 1);

test("a distance is the same both ways, and no way round is shorter", () => {
  fc.assert(
    fc.property(point, point, point, (a, b, c) => {
      expect(distanceKm(a, b)).toBeCloseTo(distanceKm(b, a), 6);
      expect(distanceKm(a, c)).toBeLessThanOrEqual(distanceKm(a, b) + distanceKm(b, c) + 1e-6);
    }),
  );
});

test("no two points are further apart than antipodes, and a point is nowhere but at itself", () => {
  const halfwayRoundKm = Math.PI * 6371.0088;
  fc.assert(
    fc.property(point, point, (a, b) => {
      const antipode = { latitude: -a.latitude, longitude: a.longitude > 0 ? a.longitude - 180 : a.longitude + 180 };
      expect(distanceKm(a, antipode)).toBeCloseTo(halfwayRoundKm, 3);
      expect(distanceKm(a, b)).toBeLessThanOrEqual(halfwayRoundKm + 1e-6);
      expect(distanceKm(a, a)).toBeCloseTo(0, 9);
    }),
  );
});

test("from New York to London it is 5,570 km", () => {
  const newYork = { latitude: 40.7128, longitude: -74.006 };
  const london = { latitude: 51.5074, longitude: -0.1278 };
  expect(Math.abs(distanceKm(newYork, london) - 5570)).toBeLessThan(2);
});

test("the 180th meridian is no border: both sides of Taveuni are 1 km apart, and so is the way between them", () => {
  const [west, east] = [
    { latitude: -16.8, longitude: 179.995 },
    { latitude: -16.8, longitude: -179.995 },
  ];
  expect(distanceKm(west, east)).toBeCloseTo(1.065, 2);
  for (const [a, b] of [
    [west, east],
    [east, west],
  ] as const) {
    expect(distanceKm(a, pointBetween(a, b, 0.5))).toBeCloseTo(distanceKm(a, b) / 2, 6);
  }
});

test("a way begins at its start, ends at its end, and stays on the map", () => {
  fc.assert(
    fc.property(point, point, share, (a, b, part) => {
      expect(distanceKm(pointBetween(a, b, 0), a)).toBeCloseTo(0, 6);
      expect(distanceKm(pointBetween(a, b, 1), b)).toBeCloseTo(0, 6);
      const { latitude, longitude } = pointBetween(a, b, part);
      expect(latitude).toBeGreaterThanOrEqual(Math.min(a.latitude, b.latitude) - 1e-9);
      expect(latitude).toBeLessThanOrEqual(Math.max(a.latitude, b.latitude) + 1e-9);
      expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
    }),
  );
});

test("within a city a share of the way is that share of the distance, wherever the city lies", () => {
  const city = fc.record({ latitude: number(-65, 65), longitude: number(-180, 180) });
  const offset = number(-0.15, 0.15);
  const wrapped = (longitude: number) =>
    Math.abs(longitude) <= 180 ? longitude : longitude - Math.sign(longitude) * 360;
  fc.assert(
    fc.property(city, offset, offset, share, (a, north, east, part) => {
      const b = { latitude: a.latitude + north, longitude: wrapped(a.longitude + east) };
      const km = distanceKm(a, b);
      expect(Math.abs(distanceKm(a, pointBetween(a, b, part)) - part * km)).toBeLessThanOrEqual(0.005 * km + 1e-6);
    }),
  );
});
