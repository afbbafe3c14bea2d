import { arcKm, type Place, placeOf } from "../geography.ts";
import type { ChargeRequest, Connector } from "./chargeRequest.ts";
import type { ConnectorCalendar } from "./connectorCalendar.ts";
import { keepFirst } from "./keepFirst.ts";
import { ROUNDING_MS, type TakenTime } from "./takenTime.ts";
import type { StationTariff } from "./tariff.ts";
import { type Travel, visitTo } from "./visit.ts";

/** A connector with what is taken of its time, and what its station asks: the same for all that do the same for a car. */
export interface OpenConnector {
  connector: Connector;
  calendar: ConnectorCalendar;
  tariff: StationTariff;
}

const HOUR_MS = 3_600_000;

/**
 * What an hour of a car counts for at the most beside the hours of others, dollars. A car to which it is worth more is
 * served no sooner at their cost, but pays more for its own time: the price of energy counts for less to it. So by a
 * false value it gains nothing but what it pays for.
 */
export const MOST_PER_HOUR = 20;

/** Dollars that it costs to leave a car without a slot: more than any slot, and ever more the longer ago it asked. */
const UNMATCHED_COST = 1e6;

/** Cars that asked within so long a time of each other are of the same age. */
const AGE_STEP_MS = 60_000;

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
  /** Of each car the banks that it considers. */
  readonly candidates: readonly Int32Array[];
  readonly #arriveMs: Float64Array;
  readonly #chargeMs: Float64Array;
  readonly #km: Float64Array;
  readonly #kwh: Float64Array;
  /** Of each car and bank: the energy, by how much its price counts beside time. */
  readonly #weighedKwh: Float64Array;
  readonly #targetPercent: Float64Array;
  /** Later the car would wait too long or not be charged in time. */
  readonly #latestStartMs: Float64Array;
  readonly #tariffs: readonly StationTariff[];
  readonly #lowestPrices: Float64Array;
  readonly #highestPrices: Float64Array;
  /** Of each car: what its hour counts for, dollars. */
  readonly #perHour: Float64Array;
  readonly #maxPricePerKwh: Float64Array;
  readonly #hoursBefore: Float64Array;
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
    this.#lowestPrices = Float64Array.from(this.#tariffs, ({ lowestPrice }) => lowestPrice);
    this.#highestPrices = Float64Array.from(this.#tariffs, ({ highestPrice }) => highestPrice);
    this.#perHour = Float64Array.from(requests, ({ valuePerHour }) => Math.min(valuePerHour, MOST_PER_HOUR));
    this.#maxPricePerKwh = Float64Array.from(requests, ({ maxPricePerKwh }) => maxPricePerKwh);
    this.#hoursBefore = Float64Array.from(requests, ({ askedAtMs }) => Math.max(0, nowMs - askedAtMs) / HOUR_MS);
    const size = requests.length * banks.length;
    this.#arriveMs = new Float64Array(size);
    this.#chargeMs = new Float64Array(size);
    this.#km = new Float64Array(size);
    this.#kwh = new Float64Array(size);
    this.#weighedKwh = new Float64Array(size);
    this.#targetPercent = new Float64Array(size);
    this.#latestStartMs = new Float64Array(size);
    const busyUntilMs = banks.map((bank) => nowMs + meanTakenMs(bank, connectors, nowMs));
    const places = banks.map(([first = 0]) => placeOf((connectors[first] as OpenConnector).connector.at));
    this.candidates = requests.map((request, car) => {
      const from = placeOf(request.at);
      const within: Within[] = [];
      const priceWeight = Math.min(1, MOST_PER_HOUR / request.valuePerHour);
      banks.forEach(([first = 0], bank) => {
        const { connector, tariff } = connectors[first] as OpenConnector;
        const straightKm = arcKm(from, places[bank] as Place);
        const visit = visitTo(request, connector, travel, nowMs, tariff.energyShare, straightKm);
        if (visit === undefined) return;
        const at = car * banks.length + bank;
        this.#arriveMs[at] = visit.arriveMs;
        this.#chargeMs[at] = visit.chargeMs;
        this.#km[at] = visit.km;
        this.#kwh[at] = visit.kwh;
        this.#weighedKwh[at] = visit.kwh * priceWeight;
        this.#targetPercent[at] = visit.targetPercent;
        this.#latestStartMs[at] = Math.min(
          visit.arriveMs + request.maxWaitMs,
          request.latestMs - visit.chargeMs,
          Number.MAX_SAFE_INTEGER,
        );
        const endMs = visit.arriveMs + visit.chargeMs;
        const likelyEndMs = Math.max(visit.arriveMs, busyUntilMs[bank] as number) + visit.chargeMs;
        within.push({ bank, endMs, likelyEndMs });
      });
      return Int32Array.from(chosen(within, candidates), ({ bank }) => bank);
    });
  }

  /** The cars by how long ago they asked, in whole minutes: those of the same age together, the oldest first. */
  byAge(): number[][] {
    const ages = Map.groupBy(this.requests.keys(), (car) => {
      return Math.floor((this.nowMs - (this.requests[car] as ChargeRequest).askedAtMs) / AGE_STEP_MS);
    });
    return [...ages].sort(([a], [b]) => b - a).map(([, cars]) => cars);
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

  km(car: number, bank: number): number {
    return this.#km[car * this.banks.length + bank] as number;
  }

  targetPercent(car: number, bank: number): number {
    return this.#targetPercent[car * this.banks.length + bank] as number;
  }

  /** From when on, and not before the car arrives, the bank's energy is cheapest, Unix ms. */
  cheapestFromMs(car: number, bank: number): number {
    return Math.max(this.arriveMs(car, bank), (this.#tariffs[bank] as StationTariff).cheapestFromMs);
  }

  /**
   * The first start from a moment on at which the car is there, nobody has the connector, and the car pays the price, Unix
   * ms; infinite when there is none.
   */
  earliestStartMs(car: number, bank: number, taken: TakenTime, fromMs: number): number {
    const chargeMs = this.chargeMs(car, bank);
    let startMs = taken.earliestStartMs(Math.max(fromMs, this.arriveMs(car, bank)), chargeMs);
    if (this.paysAlways(car, bank)) return startMs;
    const tariff = this.#tariffs[bank] as StationTariff;
    for (;;) {
      const affordableMs = tariff.affordableStartMs(startMs, chargeMs, this.#maxPricePerKwh[car] as number);
      if (affordableMs === startMs || affordableMs === Number.POSITIVE_INFINITY) return affordableMs;
      startMs = taken.earliestStartMs(affordableMs, chargeMs);
    }
  }

  pricePerKwh(car: number, bank: number, startMs: number): number {
    return (this.#tariffs[bank] as StationTariff).pricePerKwhBetween(startMs, startMs + this.chargeMs(car, bank));
  }

  /**
   * What a slot from a moment on costs the car, dollars: the energy at its price, the time until it is charged (drive,
   * wait and charging) at what an hour is worth to it, both by less where that is more than MOST_PER_HOUR, and a little of
   * the square of the time since it first asked: of two cars with as much to lose, the one that asked earlier goes first.
   * Infinite when it breaks a limit of the car's.
   */
  cost(car: number, bank: number, startMs: number): number {
    if (startMs > this.latestStartMs(car, bank)) return Number.POSITIVE_INFINITY;
    if (!this.paysAlways(car, bank) && this.pricePerKwh(car, bank, startMs) > (this.#maxPricePerKwh[car] as number))
      return Number.POSITIVE_INFINITY;
    return this.#unlimitedCost(car, bank, startMs);
  }

  /**
   * A start after which the slot costs more than a limit for sure, as even the bank's lowest price would leave the time
   * too dear; or after which it breaks a limit of the car's, Unix ms. This solves `cost` for the start, so that a search
   * need not price the starts behind it.
   */
  lastStartBelowMs(car: number, bank: number, cost: number): number {
    const at = car * this.banks.length + bank;
    const latestMs = this.#latestStartMs[at] as number;
    const hoursBefore = this.#hoursBefore[car] as number;
    const forTime = cost - (this.#lowestPrices[bank] as number) * (this.#weighedKwh[at] as number);
    const time = forTime / (this.#perHour[car] as number) + hoursBefore;
    const hoursSinceAsked = (2 * time) / (1 + Math.sqrt(1 + 4 * this.#quadraticPerHour * time));
    const lastMs =
      this.nowMs + (hoursSinceAsked - hoursBefore) * HOUR_MS - (this.#chargeMs[at] as number) + ROUNDING_MS;
    // Where time costs nothing it is not a number.
    return Number.isNaN(lastMs) ? latestMs : Math.min(lastMs, latestMs);
  }

  #unlimitedCost(car: number, bank: number, startMs: number): number {
    return this.costWhenCheapest(car, bank, startMs) + this.surcharge(car, bank, startMs);
  }

  /** The cost of a slot that breaks no limit, were the energy at the bank's lowest price, dollars. */
  costWhenCheapest(car: number, bank: number, startMs: number): number {
    const at = car * this.banks.length + bank;
    const hours = (startMs + (this.#chargeMs[at] as number) - this.nowMs) / HOUR_MS;
    const hoursSinceAsked = hours + (this.#hoursBefore[car] as number);
    const time = hours + this.#quadraticPerHour * hoursSinceAsked * hoursSinceAsked;
    return (
      (this.#lowestPrices[bank] as number) * (this.#weighedKwh[at] as number) + (this.#perHour[car] as number) * time
    );
  }

  /** What it costs more than that at the price of its time, dollars. */
  surcharge(car: number, bank: number, startMs: number): number {
    const lowestPrice = this.#lowestPrices[bank] as number;
    if (lowestPrice === this.#highestPrices[bank]) return 0;
    const kwh = this.#weighedKwh[car * this.banks.length + bank] as number;
    return (this.pricePerKwh(car, bank, startMs) - lowestPrice) * kwh;
  }

  /** Later it breaks a limit of the car's, Unix ms. */
  latestStartMs(car: number, bank: number): number {
    return this.#latestStartMs[car * this.banks.length + bank] as number;
  }

  /** Whether the car pays what the bank asks, whenever it is. */
  paysAlways(car: number, bank: number): boolean {
    return (this.#maxPricePerKwh[car] as number) >= (this.#highestPrices[bank] as number);
  }

  /** By how much the cost rises with a later start, dollars per ms: in the mean of a delay as long as the charging. */
  slope(car: number, bank: number, startMs: number): number {
    const at = car * this.banks.length + bank;
    const chargeMs = this.#chargeMs[at] as number;
    const delayed = this.#unlimitedCost(car, bank, startMs + chargeMs);
    return (delayed - this.#unlimitedCost(car, bank, startMs)) / chargeMs - chargeMs * this.curvature(car);
  }

  /** By how much the cost rises with the square of the delay besides, dollars per ms². */
  curvature(car: number): number {
    return ((this.#perHour[car] as number) * this.#quadraticPerHour) / HOUR_MS ** 2;
  }

  costUnmatched(car: number): number {
    return UNMATCHED_COST * (1 + (this.#hoursBefore[car] as number));
  }
}

/** On what terms a herd is matched. */
export interface HerdTerms {
  nowMs: number;
  travel: Travel;
  /** How many banks a car considers at the most. */
  candidates: number;
  /** How much the square of the hours counts beside the hours. */
  quadraticPerHour: number;
}

/** A bank within reach of a car. */
interface Within {
  bank: number;
  /** When the car would be charged if nobody else were there, Unix ms. */
  endMs: number;
  /** The same, behind all that have booked: on the average, as they may be anywhere in the calendar. */
  likelyEndMs: number;
}

/** Of the banks that a car considers, the share that is chosen by what is taken there already. */
const LESS_BUSY_SHARE = 1 / 4;

/**
 * The banks that a car considers: mostly those where it would be charged soonest if nobody else were there, as who else
 * comes there is what the match decides; and some that are less busy, so that a car sees past stations that are full.
 */
function chosen(within: readonly Within[], count: number): Within[] {
  const nearest: Within[] = [];
  const others: Within[] = [];
  const nearestCount = within.length <= count ? count : Math.ceil(count * (1 - LESS_BUSY_SHARE));
  for (const bank of within) keepFirst(nearest, bank, nearestCount, isSooner);
  const last = nearest.at(-1);
  if (last === undefined || nearest.length === within.length) return nearest;
  for (const bank of within) if (isSooner(last, bank)) keepFirst(others, bank, count - nearestCount, isLikelySooner);
  return [...nearest, ...others];
}

const isSooner = (a: Within, b: Within) => a.endMs < b.endMs || (a.endMs === b.endMs && a.bank < b.bank);
const isLikelySooner = (a: Within, b: Within) =>
  a.likelyEndMs < b.likelyEndMs || (a.likelyEndMs === b.likelyEndMs && a.bank < b.bank);

/** How much of a bank's time ahead is taken, a connector, ms. */
function meanTakenMs(bank: readonly number[], connectors: readonly OpenConnector[], nowMs: number): number {
  const ahead = { startMs: nowMs, endMs: Number.MAX_SAFE_INTEGER };
  const takenMs = bank.reduce((sum, n) => sum + (connectors[n] as OpenConnector).calendar.takenMs(ahead), 0);
  return takenMs / bank.length;
}

/** Connectors by station, power and plug, in the order in which they come. */
function banksOf(connectors: readonly OpenConnector[]): { banks: number[][]; bankOf: Int32Array } {
  const banks: number[][] = [];
  const banksOfStation = new Map<string, number[]>();
  const bankOf = Int32Array.from(connectors, ({ connector }, n) => {
    const own = banksOfStation.get(connector.stationId) ?? [];
    const alike = (bank: number) => doesTheSame(connectors[banks[bank]?.[0] ?? 0]?.connector, connector);
    const bank = own.find(alike) ?? banks.push([]) - 1;
    if (banks[bank]?.push(n) === 1) banksOfStation.set(connector.stationId, [...own, bank]);
    return bank;
  });
  return { banks, bankOf };
}

/** Of two connectors of one station. */
const doesTheSame = (a: Connector | undefined, b: Connector) => a?.powerKw === b.powerKw && a.type === b.type;
