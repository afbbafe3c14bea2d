import { expect, test } from "vitest";
import { loadNyisoProfile, nyisoProfile } from "../src/nyisoProfile.ts";

const HEADER = `date,iso,zone,${Array.from({ length: 24 }, (_, n) => `he${String(n + 1).padStart(2, "0")}`).join(",")}`;
/** A day whose hours cost as told, $/MWh, and 10 where nothing is told. */
function day(date: string, prices: Record<number, string> = {}): string {
  return `${date},NYISO,NYC,${Array.from({ length: 24 }, (_, hour) => prices[hour] ?? "10").join(",")}`;
}
const profileOf = (adder: number, ...days: string[]) => nyisoProfile([HEADER, ...days].join("\n"), adder);
const MONDAY = 1;
const SUNDAY = 0;

test("the column of the hour that ends at 01:00 is the price from midnight on, in $/kWh with the adder", () => {
  const { priceAt } = profileOf(0.08, day("2019-01-07", { 0: "50", 23: "70" }));
  expect(priceAt({ weekday: MONDAY, hour: 0, minute: 59 })).toBe(0.13);
  expect(priceAt({ weekday: MONDAY, hour: 1, minute: 0 })).toBe(0.09);
  expect(priceAt({ weekday: MONDAY, hour: 23, minute: 45 })).toBe(0.15);
});

test("the price of a weekday's hour is the mean of those recorded, in whatever order the days come", () => {
  const { priceAt } = profileOf(0, day("2019-01-14", { 5: "40" }), day("2019-01-08"), day("2019-01-07", { 5: "20" }));
  expect(priceAt({ weekday: MONDAY, hour: 5, minute: 0 })).toBe(0.03);
});

test("a negative price is a price", () => {
  const { priceAt, dropped } = profileOf(0, day("2019-01-07", { 3: "-11.74" }));
  expect(priceAt({ weekday: MONDAY, hour: 3, minute: 0 })).toBe(-0.0117);
  expect(dropped).toBe(0);
});

test("what is no number is left out and counted", () => {
  const { priceAt, dropped } = profileOf(
    0,
    day("2019-01-07", { 3: "", 4: "n/a", 5: " " }),
    day("2019-01-14", { 3: "30", 4: "30", 5: "30" }),
  );
  for (const hour of [3, 4, 5]) expect(priceAt({ weekday: MONDAY, hour, minute: 0 })).toBe(0.03);
  expect(dropped).toBe(3);
});

test("the hour that the clocks skip is left out, the one that comes twice counts once", () => {
  const spring = day("2019-03-10", { 1: "20", 2: "20" });
  const { priceAt, dropped } = profileOf(0, spring, day("2019-03-17", { 1: "40", 2: "40" }));
  expect(dropped).toBe(1);
  expect(priceAt({ weekday: SUNDAY, hour: 1, minute: 0 })).toBe(0.03);
  expect(priceAt({ weekday: SUNDAY, hour: 2, minute: 0 })).toBe(0.04);
  expect(profileOf(0, day("2019-11-03")).dropped).toBe(0);
});

test("the recorded prices cover every hour of the week; two springs had no 02:00", () => {
  const { priceAt, days, dropped } = loadNyisoProfile(0);
  expect({ days, dropped }).toEqual({ days: 496, dropped: 2 });
  for (let weekday = 0; weekday < 7; weekday++) {
    for (let hour = 0; hour < 24; hour++) {
      const pricePerKwh = priceAt({ weekday, hour, minute: 0 });
      expect(pricePerKwh).toBeGreaterThan(0.005);
      expect(pricePerKwh).toBeLessThan(0.1);
    }
  }
});
