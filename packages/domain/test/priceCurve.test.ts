import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type EnergySource, priceCurve, SETTLEMENT_INTERVAL_MS, syntheticProfile } from "../src/index.ts";

const NEW_YORK = "America/New_York";
const priceAt = priceCurve(syntheticProfile, NEW_YORK);
const moment = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });
const DAY_MS = 86_400_000;

test("on every day nothing is dearer than 18:00, nothing cheaper than 02:00", () => {
  const dearest = syntheticProfile({ weekday: 0, hour: 18, minute: 0 });
  const cheapest = syntheticProfile({ weekday: 0, hour: 2, minute: 0 });
  fc.assert(
    fc.property(moment, (atMs) => {
      const { pricePerKwh } = priceAt(atMs);
      expect(pricePerKwh).toBeLessThanOrEqual(dearest);
      expect(pricePerKwh).toBeGreaterThanOrEqual(cheapest);
    }),
  );
});

test("a moment lies in its interval, and the whole interval has one price", () => {
  fc.assert(
    fc.property(moment, fc.nat(SETTLEMENT_INTERVAL_MS - 1), (atMs, laterMs) => {
      const price = priceAt(atMs);
      expect(price.validFromMs).toBeLessThanOrEqual(atMs);
      expect(price.validUntilMs).toBeGreaterThan(atMs);
      expect(priceAt(price.validFromMs + laterMs)).toEqual(price);
    }),
  );
});

interface LocalDay {
  date: string;
  /** Its quarters of an hour: what the wall clock shows at their start, and their price. */
  quarters: { clock: string; pricePerKwh: number; energySource: EnergySource }[];
}

/** Every day of 2026 by a zone's own calendar. */
function daysOf2026(timeZone: string): LocalDay[] {
  const wallClock = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  const priceOf = priceCurve(syntheticProfile, timeZone);
  const days = new Map<string, LocalDay>();
  for (let atMs = Date.UTC(2025, 11, 30); atMs < Date.UTC(2027, 0, 3); atMs += SETTLEMENT_INTERVAL_MS) {
    const [date = "", clock = ""] = wallClock.format(atMs).split(" ");
    if (!date.startsWith("2026")) continue;
    const day = days.get(date) ?? { date, quarters: [] };
    const { pricePerKwh, energySource } = priceOf(atMs);
    day.quarters.push({ clock, pricePerKwh, energySource });
    days.set(date, day);
  }
  return [...days.values()];
}

/** What the clock shows in the quarters of one price. */
const clocksAt = ({ quarters }: LocalDay, price: number) =>
  quarters.filter(({ pricePerKwh }) => pricePerKwh === price).map(({ clock }) => clock);

test.each([
  // The day on which the clocks go forward has no 02:00; the quarter nearest to it is the cheapest.
  ["America/New_York", { "2026-03-08": ["01:45"] }],
  ["Australia/Lord_Howe", { "2026-10-04": ["02:30"] }],
  // Berlin has 02:00 twice on the day on which its clocks go back.
  ["Europe/Berlin", { "2026-03-29": ["01:45"], "2026-10-25": ["02:00", "02:00"] }],
  ["Asia/Kolkata", {}],
  ["Asia/Kathmandu", {}],
])("on every day of a year in %s, 18:00 is the dearest quarter of an hour and 02:00 the cheapest", (zone, changes) => {
  const days = daysOf2026(zone);
  expect(days).toHaveLength(365);
  for (const day of days) {
    const prices = day.quarters.map(({ pricePerKwh }) => pricePerKwh);
    expect([day.date, clocksAt(day, Math.max(...prices))]).toEqual([day.date, ["18:00"]]);
    const cheapest = new Map(Object.entries<string[]>(changes)).get(day.date) ?? ["02:00"];
    expect([day.date, clocksAt(day, Math.min(...prices))]).toEqual([day.date, cheapest]);
  }
});

test("on every day solar power costs less than the day's mean, and less by a quarter than power from the grid", () => {
  const mean = (prices: number[]) => prices.reduce((sum, price) => sum + price, 0) / prices.length;
  for (const { quarters } of daysOf2026(NEW_YORK)) {
    const of = (source: EnergySource) =>
      quarters.filter(({ energySource }) => energySource === source).map(({ pricePerKwh }) => pricePerKwh);
    expect(mean(of("Solar"))).toBeLessThan(mean(quarters.map(({ pricePerKwh }) => pricePerKwh)));
    expect(mean(of("Solar"))).toBeLessThan(0.75 * mean(of("Grid")));
  }
});

test("the load of the grid rises and falls with its price", () => {
  const order = { Low: 0, Medium: 1, High: 2 };
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const [less, more] = [priceAt(a), priceAt(b)].sort((x, y) => x.pricePerKwh - y.pricePerKwh);
      if (less === undefined || more === undefined) throw new Error("two moments have two prices");
      expect(order[less.gridLoad]).toBeLessThanOrEqual(order[more.gridLoad]);
    }),
  );
});

/** The hours that a day's intervals show, one an hour of real time. */
function hoursOf(midnight: string, lengthMs: number): number[] {
  const startMs = Date.parse(midnight);
  return Array.from({ length: lengthMs / 3_600_000 }, (_, n) => priceAt(startMs + n * 3_600_000).hour);
}

test("the day on which clocks go forward has no hour 2, the day on which they go back has hour 1 twice", () => {
  const spring = hoursOf("2026-03-08T00:00:00-05:00", DAY_MS - 3_600_000);
  expect(spring).not.toContain(2);
  expect(spring.at(-1)).toBe(23);
  const autumn = hoursOf("2026-11-01T00:00:00-04:00", DAY_MS + 3_600_000);
  expect(autumn.filter((hour) => hour === 1)).toHaveLength(2);
  expect(autumn.at(-1)).toBe(23);
});
