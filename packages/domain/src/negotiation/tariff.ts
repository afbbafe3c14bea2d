import { SETTLEMENT_INTERVAL_MS } from "../priceCurve.ts";
import { CONGESTION, type CongestionRules, congestionFactor, energyShare } from "./congestion.ts";
import type { ConnectorCalendar, TimeRange } from "./connectorCalendar.ts";

/** What a station asks for a kWh, over time, and how much it sells. */
export class StationTariff {
  /** Of the energy asked for, what it sells a car, 0 to 1. */
  readonly energyShare: number;
  /** Of all intervals, dollars per kWh. */
  readonly lowestPrice: number;
  readonly highestPrice: number;
  readonly #fromMs: number;
  /** Of each settlement interval in turn, dollars per kWh. */
  readonly #prices: Float64Array;
  /** Of all intervals before one, for sums without a loop. */
  readonly #pricesBefore: Float64Array;

  /** @param prices of at least one interval; the first holds before it too, and the last goes on for ever */
  constructor(fromMs: number, prices: Float64Array, energyShare = 1) {
    this.energyShare = energyShare;
    this.lowestPrice = prices.reduce((lowest, price) => Math.min(lowest, price));
    this.highestPrice = prices.reduce((highest, price) => Math.max(highest, price));
    this.#fromMs = fromMs;
    this.#prices = prices;
    this.#pricesBefore = new Float64Array(prices.length);
    for (let n = 1; n < prices.length; n++) {
      this.#pricesBefore[n] = (this.#pricesBefore[n - 1] as number) + (prices[n - 1] as number);
    }
  }

  /** When the first of the cheapest intervals begins, Unix ms. */
  get cheapestFromMs(): number {
    return this.#startMs(this.#prices.indexOf(this.lowestPrice));
  }

  /** The price of a slot: the mean over its time, dollars per kWh. Bounded by the lowest and highest of its intervals. */
  pricePerKwh({ startMs, endMs }: TimeRange): number {
    return this.pricePerKwhBetween(startMs, endMs);
  }

  /** The same without an object, for those that ask very often. */
  pricePerKwhBetween(startMs: number, endMs: number): number {
    const mean = (this.#sumUntil(endMs) - this.#sumUntil(startMs)) / ((endMs - startMs) / SETTLEMENT_INTERVAL_MS);
    return Math.min(this.highestPrice, Math.max(this.lowestPrice, mean));
  }

  /**
   * The first moment from one on at which so long a slot costs no more than a limit: the moment itself, or the start of
   * an interval. Infinite when there is none.
   */
  affordableStartMs(fromMs: number, durationMs: number, pricePerKwh: number): number {
    if (this.highestPrice <= pricePerKwh) return fromMs;
    let startMs = fromMs;
    for (let next = this.#interval(fromMs) + 1; next <= this.#prices.length; next++) {
      if (this.pricePerKwhBetween(startMs, startMs + durationMs) <= pricePerKwh) return startMs;
      startMs = this.#startMs(next);
    }
    return Number.POSITIVE_INFINITY;
  }

  #startMs(interval: number): number {
    return this.#fromMs + interval * SETTLEMENT_INTERVAL_MS;
  }

  /** In which interval a moment is: the first before it, the last after it. */
  #interval(atMs: number): number {
    const interval = Math.floor((atMs - this.#fromMs) / SETTLEMENT_INTERVAL_MS);
    return Math.max(0, Math.min(interval, this.#prices.length - 1));
  }

  /** The sum of the prices of all intervals up to a moment, in part that of the one it is in. */
  #sumUntil(atMs: number): number {
    const interval = this.#interval(atMs);
    const part = (atMs - this.#startMs(interval)) / SETTLEMENT_INTERVAL_MS;
    return (this.#pricesBefore[interval] as number) + part * (this.#prices[interval] as number);
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
  const prices = takenShares(calendars, fromMs, intervals).map((share, n) => {
    return congestedPrice(gridPricePerKwh(fromMs + n * SETTLEMENT_INTERVAL_MS), congestionFactor(share, rules));
  });
  const ahead = { startMs: nowMs, endMs: nowMs + rules.lookAheadMs };
  return new StationTariff(fromMs, prices, energyShare(takenShare(calendars, ahead), rules));
}

/** Crowding never makes energy cheaper, not even where the grid pays who takes it. */
function congestedPrice(gridPricePerKwh: number, factor: number): number {
  return gridPricePerKwh >= 0 ? gridPricePerKwh * factor : gridPricePerKwh / factor;
}

/** The share of all connectors' time that is taken, 0 to 1, in each settlement interval from one's beginning on (Unix ms). */
function takenShares(calendars: readonly ConnectorCalendar[], fromMs: number, intervals: number): Float64Array {
  const shares = new Float64Array(intervals);
  const perMs = 1 / (calendars.length * SETTLEMENT_INTERVAL_MS);
  for (const { entries } of calendars) {
    for (const { startMs, endMs } of entries) {
      const first = Math.max(0, Math.floor((startMs - fromMs) / SETTLEMENT_INTERVAL_MS));
      for (let n = first; n < intervals; n++) {
        const intervalMs = fromMs + n * SETTLEMENT_INTERVAL_MS;
        if (intervalMs >= endMs) break;
        const takenMs = Math.min(endMs, intervalMs + SETTLEMENT_INTERVAL_MS) - Math.max(startMs, intervalMs);
        shares[n] = (shares[n] as number) + takenMs * perMs;
      }
    }
  }
  return shares;
}

/** The share of all connectors' time in a stretch that is taken, 0 to 1. */
export function takenShare(calendars: readonly ConnectorCalendar[], range: TimeRange): number {
  const takenMs = calendars.reduce((sum, calendar) => sum + calendar.takenMs(range), 0);
  return takenMs / (calendars.length * (range.endMs - range.startMs));
}
