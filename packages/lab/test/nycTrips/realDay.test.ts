import { expect, test } from "vitest";
import { realCustomers, realDay } from "../../src/nycTrips/realDay.ts";
import { NYC } from "../../src/nycTrips/world.ts";

const customers = realCustomers();

test("of the real trips those that go nowhere or leave the area are left out, the rest is in order", () => {
  expect(customers.length).toBe(19_979 - 136 - 779);
  expect(customers.toSorted((a, b) => a.askedMin - b.askedMin)).toEqual(customers);
  expect(customers.filter(({ askedMin, tripKm }) => askedMin < 0 || askedMin >= 24 * 60 || tripKm > 40)).toEqual([]);
});

test("the chargers are the public DC ports with the combined plug", () => {
  expect(NYC.chargers.length).toBe(37);
  for (const { at } of NYC.chargers) {
    expect([Math.round(at.latitude), Math.round(at.longitude)]).toEqual([41, -74]);
  }
});

test("a seed says where the cars begin, and only that", () => {
  expect(realDay(3)).toEqual(realDay(3));
  expect(realDay(3).cars).not.toEqual(realDay(4).cars);
  expect(realDay(3).customers).toEqual(realDay(4).customers);
});
