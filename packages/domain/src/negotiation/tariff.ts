import { SETTLEMENT_INTERVAL_MS } from "../priceCurve.ts";
import { CONGESTION, type CongestionRules, congestionFactor, energyShare } from "./congestion.ts";
import type { ConnectorCalendar, TimeRange } from "./connectorCalendar.ts";

/** What a station asks for a kWh, over time, and how much it sells. */
export class StationTariff {
  /** Of the energy asked for, what it sells a car, 0 to 1. */
  readonly energyShare: number;
  /** When the first of the cheapest intervals begins, Unix ms. */
  readonly cheapestFromMs: number;
  readonly #highestPrice: number;
  readonly #fromMs: number;
  /** Of each settlement interval in turn, dollars. */
  readonly #prices: Float64Array;
  /** Of all intervals before one, for sums without a loop. */
  readonly #pricesBefore: Float64Array;

  /** @param prices of at least one interval; the last goes on for ever */
  constructor(fromMs: number, prices: Float64Array, energyShare = 1) {
    this.energyShare = energyShare;
    this.#highestPrice = prices.reduce((highest, price) => Math.max(highest, price), Number.NEGATIVE_INFINITY);
    this.#fromMs = fromMs;
    this.cheapestFromMs = this.#startMs(prices.indexOf(prices.reduce((lowest, price) => Math.min(lowest, price))));
    this.#prices = prices;
    this.#pricesBefore = new Float64Array(prices.length + 1);
    prices.forEach((price, n) => {
      this.#pricesBefore[n + 1] = (this.#pricesBefore[n] as number) + price;
    });
  }

  /** The price of a slot: the mean over its time, dollars per kWh. Bounded by the lowest and highest of its intervals. */
  pricePerKwh({ startMs, endMs }: TimeRange): number {
    return this.pricePerKwhBetween(startMs, endMs);
  }

  /** The same without an object, for those that ask very often. */
  pricePerKwhBetween(startMs: number, endMs: number): number {
    const [from, until] = [this.#intervals(startMs), this.#intervals(endMs)];
    return until > from ? (this.#priceUntil(until) - this.#priceUntil(from)) / (until - from) : this.#priceAt(from);
  }

  /**
   * The first moment from one on at which so long a slot costs no more than a limit, to the start of an interval. The
   * moment itself when there is none: its price says so.
   */
  affordableStartMs(fromMs: number, durationMs: number, pricePerKwh: number): number {
    if (this.#highestPrice <= pricePerKwh) return fromMs;
    const first = Math.floor(this.#intervals(fromMs));
    for (let startMs = fromMs, n = first; n < this.#prices.length; n++, startMs = this.#startMs(n)) {
      if (this.pricePerKwhBetween(startMs, startMs + durationMs) <= pricePerKwh) return startMs;
    }
    return fromMs;
  }

  #startMs(interval: number): number {
    return this.#fromMs + interval * SETTLEMENT_INTERVAL_MS;
  }

  /** How many intervals after the first a moment is; none before it. */
  #intervals(atMs: number): number {
    return Math.max(0, (atMs - this.#fromMs) / SETTLEMENT_INTERVAL_MS);
  }

  #priceAt(intervals: number): number {
    return this.#prices[Math.min(Math.floor(intervals), this.#prices.length - 1)] as number;
  }

  #priceUntil(intervals: number): number {
    const whole = Math.min(Math.floor(intervals), this.#prices.length - 1);
    return (this.#pricesBefore[whole] as number) + (intervals - whole) * (this.#prices[whole] as number);
  }
}

/**
 * A station's tariff as all hear it who ask at a moment: in each settlement interval the grid's price by the congestion
 * of the station at that time; and less energy for each while there is little free time ahead.
 *
 * @param gridPricePerKwh the grid's price or its forecast at a moment, Unix ms
 * @param calendars of the station's connectors; at least one
 * @param horizonMs how far it looks; beyond, the last price goes on
 */
export function stationTariff(
  nowMs: number,
  horizonMs: number,
  gridPricePerKwh: (atMs: number) => number,
  calendars: readonly ConnectorCalendar[],
  rules: CongestionRules = CONGESTION,
): StationTariff {
  const fromMs = Math.floor(nowMs / SETTLEMENT_INTERVAL_MS) * SETTLEMENT_INTERVAL_MS;
  const intervals = Math.max(1, Math.ceil((nowMs + horizonMs - fromMs) / SETTLEMENT_INTERVAL_MS));
  const prices = Float64Array.from({ length: intervals }, (_, n) => {
    const startMs = fromMs + n * SETTLEMENT_INTERVAL_MS;
    const range = { startMs, endMs: startMs + SETTLEMENT_INTERVAL_MS };
    return gridPricePerKwh(startMs) * congestionFactor(takenShare(calendars, range), rules);
  });
  const ahead = { startMs: nowMs, endMs: nowMs + rules.lookAheadMs };
  return new StationTariff(fromMs, prices, energyShare(takenShare(calendars, ahead), rules));
}

/** The share of all connectors' time in a stretch that is taken, 0 to 1. */
export function takenShare(calendars: readonly ConnectorCalendar[], range: TimeRange): number {
  const takenMs = calendars.reduce((sum, calendar) => sum + calendar.takenMs(range), 0);
  return takenMs / (calendars.length * (range.endMs - range.startMs));
}
