import * as fc from "fast-check";
import { expect, test } from "vitest";
import { priceCurve, SETTLEMENT_INTERVAL_MS, syntheticProfile } from "../src/index.ts";

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

test("energy is cheaper while the sun shines than in the evening", () => {
  const noon = priceAt(Date.parse("2026-06-15T12:00:00-04:00"));
  const evening = priceAt(Date.parse("2026-06-15T20:00:00-04:00"));
  expect(noon.energySource).toBe("Solar");
  expect(noon.pricePerKwh).toBeLessThan(evening.pricePerKwh);
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
