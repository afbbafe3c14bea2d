import { type ZonedTime, zonedClock } from "./zonedTime.ts";

export type GridLoad = "Low" | "Medium" | "High";
export type EnergySource = "Solar" | "Wind" | "Grid";

/** The grid's price over one settlement interval. */
export interface IntervalPrice {
  /** Unix ms, inclusive. */
  validFromMs: number;
  /** Unix ms, exclusive. */
  validUntilMs: number;
  /** Dollars. */
  pricePerKwh: number;
  gridLoad: GridLoad;
  energySource: EnergySource;
  /** Hour of day in the grid's zone, 0 to 23. */
  hour: number;
}

/** Dollars per kWh at a wall-clock time. */
export type PriceProfile = (time: ZonedTime) => number;

export const SETTLEMENT_INTERVAL_MS = 15 * 60 * 1000;

/**
 * $/kWh on each full hour, straight lines between: a retail time-of-use day in the shape of a grid with much solar
 * (the "duck curve", CAISO 2013): night wind at the bottom, a valley at noon, the peak when the sun is gone.
 */
const HOURLY_PRICE = [
  0.12, 0.105, 0.09, 0.095, 0.1, 0.115, 0.14, 0.17, 0.18, 0.165, 0.145, 0.13, 0.125, 0.125, 0.13, 0.15, 0.2, 0.27, 0.32,
  0.29, 0.24, 0.2, 0.165, 0.14,
];

/** The synthetic day: dearest at 18:00, cheapest at 02:00, cheaper while the sun shines. */
export const syntheticProfile: PriceProfile = ({ hour, minute }) => {
  const from = HOURLY_PRICE[hour % 24] ?? 0;
  const to = HOURLY_PRICE[(hour + 1) % 24] ?? 0;
  return Math.round((from + ((to - from) * minute) / 60) * 10_000) / 10_000;
};

const HIGH_FROM_PRICE = 0.2;
const LOW_BELOW_PRICE = 0.13;

function energySource(hour: number): EnergySource {
  if (hour >= 9 && hour < 16) return "Solar";
  return hour >= 22 || hour < 6 ? "Wind" : "Grid";
}

function gridLoad(pricePerKwh: number): GridLoad {
  if (pricePerKwh >= HIGH_FROM_PRICE) return "High";
  return pricePerKwh < LOW_BELOW_PRICE ? "Low" : "Medium";
}

/** The price in force at a moment (Unix ms): constant over each quarter of an hour. @throws RangeError for no such zone */
export function priceCurve(profile: PriceProfile, timeZone: string): (atMs: number) => IntervalPrice {
  const clock = zonedClock(timeZone);
  return (atMs) => {
    const validFromMs = Math.floor(atMs / SETTLEMENT_INTERVAL_MS) * SETTLEMENT_INTERVAL_MS;
    const time = clock(validFromMs);
    const pricePerKwh = profile(time);
    return {
      validFromMs,
      validUntilMs: validFromMs + SETTLEMENT_INTERVAL_MS,
      pricePerKwh,
      gridLoad: gridLoad(pricePerKwh),
      energySource: energySource(time.hour),
      hour: time.hour,
    };
  };
}
