import type { ChargeRequest, Connector } from "./chargeRequest.ts";
import type { ConnectorCalendar } from "./connectorCalendar.ts";
import type { StationTariff } from "./tariff.ts";
import { type Travel, visitTo } from "./visit.ts";

/** A connector with what is taken of its time, and what its station asks. */
export interface OpenConnector {
  connector: Connector;
  calendar: ConnectorCalendar;
  tariff: StationTariff;
}

const HOUR_MS = 3_600_000;

/** Dollars that it costs to leave a car without a slot: more than any slot, and ever more the longer ago it asked. */
const UNMATCHED_COST = 1e6;

/**
 * A herd and its connectors as numbers, by index: what the search reads millions of times. Connectors of one station
 * that do the same for a car (its bank) share the figures of a visit.
 */
export class HerdProblem {
  readonly nowMs: number;
  readonly requests: readonly ChargeRequest[];
  readonly connectors: readonly OpenConnector[];
  /** The connectors of each bank. */
  readonly banks: readonly (readonly number[])[];
  readonly bankOf: Int32Array;
  /** Of each car its banks within reach, the one where it would be charged soonest first. */
  readonly candidates: readonly Int32Array[];
  readonly #arriveMs: Float64Array;
  readonly #chargeMs: Float64Array;
  readonly #kwh: Float64Array;
  readonly #tariffs: readonly StationTariff[];
  readonly #quadraticPerHour: number;

  constructor(
    requests: readonly ChargeRequest[],
    connectors: readonly OpenConnector[],
    { nowMs, travel, candidates, quadraticPerHour }: HerdTerms,
  ) {
    this.nowMs = nowMs;
    this.requests = requests;
    this.connectors = connectors;
    this.#quadraticPerHour = quadraticPerHour;
    const { banks, bankOf } = banksOf(connectors);
    this.banks = banks;
    this.bankOf = bankOf;
    this.#tariffs = banks.map(([first = 0]) => (connectors[first] as OpenConnector).tariff);
    const size = requests.length * banks.length;
    this.#arriveMs = new Float64Array(size);
    this.#chargeMs = new Float64Array(size);
    this.#kwh = new Float64Array(size);
    this.candidates = requests.map((request, car) => {
      const within: { bank: number; endMs: number }[] = [];
      banks.forEach(([first = 0], bank) => {
        const visit = visitTo(request, (connectors[first] as OpenConnector).connector, travel, nowMs);
        if (visit === undefined) return;
        const at = car * banks.length + bank;
        this.#arriveMs[at] = visit.arriveMs;
        this.#chargeMs[at] = visit.chargeMs;
        this.#kwh[at] = visit.kwh;
        within.push({ bank, endMs: visit.arriveMs + visit.chargeMs });
      });
      within.sort((a, b) => a.endMs - b.endMs || a.bank - b.bank);
      return Int32Array.from(within.slice(0, candidates), ({ bank }) => bank);
    });
  }

  arriveMs(car: number, bank: number): number {
    return this.#arriveMs[car * this.banks.length + bank] as number;
  }

  chargeMs(car: number, bank: number): number {
    return this.#chargeMs[car * this.banks.length + bank] as number;
  }

  kwh(car: number, bank: number): number {
    return this.#kwh[car * this.banks.length + bank] as number;
  }

  pricePerKwh(car: number, bank: number, startMs: number): number {
    return (this.#tariffs[bank] as StationTariff).pricePerKwhBetween(startMs, startMs + this.chargeMs(car, bank));
  }

  /**
   * What a slot from a moment on costs the car (`optionCost`), and a little of the square of the time since it first
   * asked: of two cars with as much to lose, the one that asked earlier goes first, and the longer a car has waited the
   * more, so none starves. Infinite when the slot breaks a limit of the car's.
   */
  cost(car: number, bank: number, startMs: number): number {
    const request = this.requests[car] as ChargeRequest;
    const endMs = startMs + this.chargeMs(car, bank);
    if (endMs > request.latestMs || startMs - this.arriveMs(car, bank) > request.maxWaitMs)
      return Number.POSITIVE_INFINITY;
    const pricePerKwh = this.pricePerKwh(car, bank, startMs);
    if (pricePerKwh > request.maxPricePerKwh) return Number.POSITIVE_INFINITY;
    const hours = (endMs - this.nowMs) / HOUR_MS;
    const hoursSinceAsked = (endMs - request.askedAtMs) / HOUR_MS;
    const time = hours + this.#quadraticPerHour * hoursSinceAsked * hoursSinceAsked;
    return pricePerKwh * this.kwh(car, bank) + request.valuePerHour * time;
  }

  costUnmatched(car: number): number {
    const hours = Math.max(0, this.nowMs - (this.requests[car] as ChargeRequest).askedAtMs) / HOUR_MS;
    return UNMATCHED_COST * (1 + hours);
  }
}

/** On what terms a herd is matched. */
export interface HerdTerms {
  nowMs: number;
  travel: Travel;
  /** How many banks a car considers at the most: those where it would be charged soonest. */
  candidates: number;
  /** How much the square of the hours counts beside the hours. */
  quadraticPerHour: number;
}

/** Connectors by station, power and plug, in the order in which they come. */
function banksOf(connectors: readonly OpenConnector[]): { banks: number[][]; bankOf: Int32Array } {
  const numbers = new Map<string, number>();
  const banks: number[][] = [];
  const bankOf = Int32Array.from(connectors, ({ connector: { stationId, powerKw, type } }, n) => {
    const key = JSON.stringify([stationId, powerKw, type]);
    const bank = numbers.get(key) ?? banks.push([]) - 1;
    numbers.set(key, bank);
    banks[bank]?.push(n);
    return bank;
  });
  return { banks, bankOf };
}
