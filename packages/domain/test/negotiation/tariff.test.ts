import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  CONGESTION,
  ConnectorCalendar,
  congestionFactor,
  energyShare,
  SETTLEMENT_INTERVAL_MS,
  StationTariff,
  stationTariff,
} from "../../src/index.ts";
import { HOUR_MS, MINUTE_MS, NOW_MS } from "./herds.ts";

const prices = fc.array(fc.double({ min: 0.05, max: 0.6, noNaN: true }), { minLength: 1, maxLength: 20 });
const minutes = fc.integer({ min: -60, max: 400 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

const tariffOf = (list: number[]) => new StationTariff(NOW_MS, Float64Array.from(list));

test("a slot's price is the mean of the prices of its minutes", () => {
  fc.assert(
    fc.property(prices, minutes, fc.integer({ min: 1, max: 200 }), (list, fromMin, lengthMin) => {
      const priceAt = (minute: number) => list[Math.max(0, Math.min(list.length - 1, Math.floor(minute / 15)))] ?? 0;
      const sum = Array.from({ length: lengthMin }, (_, n) => priceAt(fromMin + n)).reduce((a, b) => a + b, 0);
      const startMs = NOW_MS + fromMin * MINUTE_MS;
      const price = tariffOf(list).pricePerKwh({ startMs, endMs: startMs + lengthMin * MINUTE_MS });
      expect(price).toBeCloseTo(sum / lengthMin, 9);
    }),
  );
});

test("no price is below the lowest of the tariff or above the highest, not even by rounding", () => {
  fc.assert(
    fc.property(prices, minutes, fc.integer({ min: 1, max: 1e7 }), (list, fromMin, lengthMs) => {
      const startMs = NOW_MS + fromMin * MINUTE_MS;
      const price = tariffOf(list).pricePerKwh({ startMs, endMs: startMs + lengthMs });
      expect(price).toBeGreaterThanOrEqual(Math.min(...list));
      expect(price).toBeLessThanOrEqual(Math.max(...list));
    }),
  );
});

test("the affordable start costs no more than the limit, and is the first quarter of an hour that does not", () => {
  fc.assert(
    fc.property(
      prices,
      fc.integer({ min: 0, max: 400 }),
      fc.double({ min: 0.05, max: 0.6, noNaN: true }),
      (list, fromMin, limit) => {
        const tariff = tariffOf(list);
        const fromMs = NOW_MS + fromMin * MINUTE_MS;
        const quarters = list.map((_, n) => NOW_MS + n * SETTLEMENT_INTERVAL_MS).filter((startMs) => startMs > fromMs);
        const isAffordable = (startMs: number) => tariff.pricePerKwhBetween(startMs, startMs + HOUR_MS) <= limit;
        const first = [fromMs, ...quarters].find(isAffordable) ?? Number.POSITIVE_INFINITY;
        expect(tariff.affordableStartMs(fromMs, HOUR_MS, limit)).toBe(first);
      },
    ),
  );
});

test("the cheapest time is when the first of the cheapest intervals begins", () => {
  expect(tariffOf([0.3, 0.1, 0.2, 0.1]).cheapestFromMs).toBe(NOW_MS + SETTLEMENT_INTERVAL_MS);
});

const halfTaken = () => {
  const calendars = [new ConnectorCalendar(), new ConnectorCalendar()];
  calendars[0]?.insert({ id: "booking", startMs: NOW_MS, endMs: NOW_MS + 2 * HOUR_MS });
  return calendars;
};

test("a station's price is the grid's of each interval by the congestion of that interval", () => {
  const grid = (atMs: number) => (atMs < NOW_MS + HOUR_MS ? 0.3 : 0.1);
  const tariff = stationTariff(NOW_MS, 24 * HOUR_MS, grid, halfTaken());
  const prices = [0, 1, 2].map((hours) => {
    const startMs = NOW_MS + hours * HOUR_MS;
    return tariff.pricePerKwh({ startMs, endMs: startMs + HOUR_MS });
  });
  const [idle, crowded] = [congestionFactor(0), congestionFactor(0.5)];
  expect(prices.map((price) => price.toFixed(9))).toEqual(
    [0.3 * crowded, 0.1 * crowded, 0.1 * idle].map((price) => price.toFixed(9)),
  );
});

test("where the grid pays who takes its energy, a crowded station pays less of it on", () => {
  const slot = { startMs: NOW_MS, endMs: NOW_MS + HOUR_MS };
  const crowded = stationTariff(NOW_MS, HOUR_MS, () => -0.1, halfTaken()).pricePerKwh(slot);
  const empty = stationTariff(NOW_MS, HOUR_MS, () => -0.1, [new ConnectorCalendar()]).pricePerKwh(slot);
  expect(crowded).toBeGreaterThan(empty);
  expect(crowded).toBeLessThan(0);
});

test("a station with little free time ahead sells a part of the energy asked for", () => {
  const rules = { ...CONGESTION, shortenFrom: 0.25 };
  expect(stationTariff(NOW_MS, HOUR_MS, () => 0.2, halfTaken(), rules).energyShare).toBe(energyShare(0.5, rules));
  expect(stationTariff(NOW_MS, HOUR_MS, () => 0.2, [new ConnectorCalendar()], rules).energyShare).toBe(1);
});

test("the more of a station is taken the dearer it is and the less it sells, both within bounds", () => {
  fc.assert(
    fc.property(share, share, (a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      expect(congestionFactor(less)).toBeLessThanOrEqual(congestionFactor(more));
      expect(energyShare(less)).toBeGreaterThanOrEqual(energyShare(more));
    }),
  );
  expect([-1, 0, 1, 2].map((taken) => congestionFactor(taken))).toEqual([0.9, 0.9, 2, 2]);
  expect([0, 0.5, 0.75, 1, 2].map((taken) => energyShare(taken))).toEqual([1, 1, 0.75, 0.5, 0.5]);
});
