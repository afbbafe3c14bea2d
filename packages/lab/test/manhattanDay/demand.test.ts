import { expect, test } from "vitest";
import { GIVEN_CUSTOMERS, GIVEN_SEEDS, givenDay } from "../../src/manhattanDay/givenDay.ts";
import { newDay } from "../../src/manhattanDay/newDay.ts";
import { AREA, type GridPlace, HOUR_WEIGHTS, MANHATTAN } from "../../src/manhattanDay/world.ts";

const given = GIVEN_CUSTOMERS.flatMap((customers) => GIVEN_SEEDS.map((seed) => ({ customers, seed })));

const isWithin = ({ x, y }: GridPlace, marginKm: number) =>
  x >= -marginKm && x <= AREA.widthKm + marginKm && y >= -marginKm && y <= AREA.heightKm + marginKm;

test.each(given)(
  "the given day $customers/$seed has all its customers and cars, in order and in place",
  ({ customers, seed }) => {
    const day = givenDay(customers, seed);
    expect([day.customers.length, day.cars.length]).toEqual([customers, 100]);
    expect(day.customers.toSorted((a, b) => a.askedMin - b.askedMin)).toEqual(day.customers);
    expect(day.cars.every((place) => isWithin(place, 0))).toBe(true);
    for (const { from, to, tripKm } of day.customers) {
      expect(Math.abs(MANHATTAN.distanceKm(from, to) - tripKm)).toBeLessThan(1e-3);
    }
  },
);

test("a new day has exactly so many trips, each of a length that is driven, more in the hours that weigh more", () => {
  const { customers, cars } = newDay(3000, 1);
  expect([customers.length, cars.length]).toEqual([3000, 100]);
  for (const { from, to, tripKm } of customers) {
    expect(isWithin(from, 0) && isWithin(to, 1)).toBe(true);
    expect(tripKm).toBeGreaterThanOrEqual(5);
    expect(tripKm).toBeLessThanOrEqual(12.5);
  }
  const weights = HOUR_WEIGHTS.reduce((sum, weight) => sum + weight, 0);
  HOUR_WEIGHTS.forEach((weight, hour) => {
    const count = customers.filter(({ askedMin }) => Math.floor(askedMin / 60) === hour).length;
    const expected = (3000 * weight) / weights;
    expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });
});

test("a seed determines its day, and another seed another", () => {
  expect(newDay(50, 7)).toEqual(newDay(50, 7));
  expect(newDay(50, 7)).not.toEqual(newDay(50, 8));
});
