import { expect, test } from "vitest";
import { demandOf } from "../../src/nycTrips/demandWithin.ts";
import { realCustomers } from "../../src/nycTrips/realDay.ts";

const customers = realCustomers();
const demand = demandOf(customers);
const MIDTOWN = { latitude: 40.755, longitude: -73.985 };

test("within far enough of a place all trips begin, and far from the city none", () => {
  expect(demand(MIDTOWN, 100)).toBe(1);
  expect(demand({ latitude: 42, longitude: -73.985 }, 5)).toBe(0);
});

test("around a place so many trips begin as one counts, to a square", () => {
  const counted = (km: number) => {
    const [up, across] = [km / 111.195, km / (111.195 * Math.cos((MIDTOWN.latitude * Math.PI) / 180))];
    const near = customers.filter(({ from }) => {
      return Math.abs(from.latitude - MIDTOWN.latitude) <= up && Math.abs(from.longitude - MIDTOWN.longitude) <= across;
    });
    return near.length / customers.length;
  };
  expect(demand(MIDTOWN, 2)).toBeGreaterThanOrEqual(counted(1.7));
  expect(demand(MIDTOWN, 2)).toBeLessThanOrEqual(counted(2.3));
});
