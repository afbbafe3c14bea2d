import type { HerdProblem, OpenConnector } from "./herdProblem.ts";
import { ROUNDING_MS, TakenTime } from "./takenTime.ts";

/** Where a car would go into a plan, and by how much all costs together would rise. */
export interface Insertion {
  connector: number;
  position: number;
  costRise: number;
}

/** What came before a change, to go back to. */
export interface Snapshot {
  sequences: Map<number, number[]>;
  cost: number;
}

/**
 * An order of cars on each connector. Each starts as early as its arrival, the car before it and what is taken already
 * allow; so an order says when everybody charges, and what it costs.
 */
export class HerdPlan {
  readonly #problem: HerdProblem;
  readonly #sequences: number[][];
  /** What was taken before, of each connector. */
  readonly #taken: readonly TakenTime[];
  /** Of each connector, how often its plan has changed. */
  readonly #versions: Int32Array;
  readonly #connectorOf: Int32Array;
  /** Of each car that has a slot. */
  readonly #startMs: Float64Array;
  readonly #endMs: Float64Array;
  /** What a delay costs it, as `HerdProblem` gives it. */
  readonly #slope: Float64Array;
  /** The position behind the cars that follow it without a gap: its block, which is delayed as one. */
  readonly #blockEnd: Int32Array;
  /** Of it and all behind it in its block: the sums of what a delay costs them. */
  readonly #blockSlope: Float64Array;
  readonly #blockCurvature: Float64Array;
  /** Of the same: by how much all can be delayed before one has to be looked at by itself. */
  readonly #blockSlackMs: Float64Array;
  readonly #costOf: Float64Array;
  #cost: number;
  #snapshot: Snapshot | undefined;

  constructor(problem: HerdProblem) {
    this.#problem = problem;
    this.#sequences = problem.connectors.map(() => []);
    this.#taken = problem.connectors.map(({ calendar }) => calendar.takenTime(problem.nowMs));
    this.#versions = new Int32Array(problem.connectors.length);
    const cars = problem.requests.length;
    this.#connectorOf = new Int32Array(cars).fill(-1);
    this.#startMs = new Float64Array(cars);
    this.#endMs = new Float64Array(cars);
    this.#slope = new Float64Array(cars);
    this.#blockEnd = new Int32Array(cars);
    this.#blockSlope = new Float64Array(cars);
    this.#blockCurvature = new Float64Array(cars);
    this.#blockSlackMs = new Float64Array(cars);
    this.#costOf = Float64Array.from({ length: cars }, (_, car) => problem.costUnmatched(car));
    this.#cost = this.#costOf.reduce((sum, cost) => sum + cost, 0);
  }

  /** Of all cars together, those without a slot included. */
  get cost(): number {
    return this.#cost;
  }

  /** -1 when it has none. */
  connectorOf(car: number): number {
    return this.#connectorOf[car] as number;
  }

  startMs(car: number): number {
    return this.#startMs[car] as number;
  }

  /** A connector's time that somebody has: from before, or by this plan. */
  takenTime(connector: number): TakenTime {
    if (this.sequence(connector).length === 0) return this.#taken[connector] as TakenTime;
    const own = this.sequence(connector).map((car) => ({ startMs: this.startMs(car), endMs: this.#endOf(car) }));
    const { calendar } = this.#problem.connectors[connector] as OpenConnector;
    const all = [...calendar.entries, ...own].sort((a, b) => a.startMs - b.startMs);
    return new TakenTime(this.#problem.nowMs, all);
  }

  /** Another number after each change of a connector's plan. */
  version(connector: number): number {
    return this.#versions[connector] as number;
  }

  /** The cars of a connector in order. */
  sequence(connector: number): readonly number[] {
    return this.#sequences[connector] as number[];
  }

  /** The cheapest place for a car that has none, when it costs less than to leave it without. */
  cheapestInsertion(car: number): Insertion | undefined {
    let best: Insertion | undefined;
    for (const bank of this.#problem.candidates[car] as Int32Array) {
      best = this.cheapestInsertionAt(car, bank, best?.costRise ?? 0) ?? best;
    }
    return best;
  }

  /** The cheapest place in a bank for a car that has none, when all costs rise by less than a limit. */
  cheapestInsertionAt(car: number, bank: number, limit: number): Insertion | undefined {
    const problem = this.#problem;
    const arriveMs = problem.arriveMs(car, bank);
    const costBefore = this.#costOf[car] as number;
    let costRise = limit;
    let lastUsefulMs = problem.lastStartBelowMs(car, bank, costBefore + limit);
    if (arriveMs > lastUsefulMs) return undefined;
    let inConnector = -1;
    let atPosition = -1;
    for (const connector of problem.banks[bank] as readonly number[]) {
      const sequence = this.#sequences[connector] as number[];
      for (let position = sequence.length; position >= 0; position--) {
        const freeMs = this.#endBefore(sequence, position);
        if (freeMs > lastUsefulMs) continue;
        const startMs = this.#earliestStartMs(connector, bank, car, freeMs);
        if (startMs <= lastUsefulMs) {
          const rise = this.#costRise(car, connector, bank, position, startMs, costRise);
          if (rise < costRise) {
            costRise = rise;
            lastUsefulMs = problem.lastStartBelowMs(car, bank, costBefore + rise);
            inConnector = connector;
            atPosition = position;
          }
        }
        // To go before cars that are gone when it arrives only delays them.
        if (freeMs <= arriveMs) break;
      }
    }
    return inConnector < 0 ? undefined : { connector: inConnector, position: atPosition, costRise };
  }

  insert(car: number, { connector, position }: Insertion): void {
    this.#remember(connector);
    (this.#sequences[connector] as number[]).splice(position, 0, car);
    this.#connectorOf[car] = connector;
    this.#retime(connector, position);
  }

  /** Takes a car's slot away; the cars after it move up. */
  remove(car: number): void {
    const connector = this.connectorOf(car);
    if (connector < 0) return;
    this.#remember(connector);
    const sequence = this.#sequences[connector] as number[];
    const position = sequence.indexOf(car);
    sequence.splice(position, 1);
    this.#connectorOf[car] = -1;
    this.#setCost(car, this.#problem.costUnmatched(car));
    this.#retime(connector, position);
  }

  /** From here on the plan can go back. */
  begin(): void {
    this.#snapshot = { sequences: new Map(), cost: this.#cost };
  }

  /** Undoes all changes since `begin`. */
  goBack(): void {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return;
    this.#snapshot = undefined;
    for (const connector of snapshot.sequences.keys()) {
      for (const car of this.#sequences[connector] as number[]) {
        this.#connectorOf[car] = -1;
        this.#costOf[car] = this.#problem.costUnmatched(car);
      }
    }
    for (const [connector, sequence] of snapshot.sequences) {
      this.#sequences[connector] = sequence;
      for (const car of sequence) this.#connectorOf[car] = connector;
      this.#retime(connector, 0);
    }
    this.#cost = snapshot.cost;
  }

  #remember(connector: number): void {
    const sequences = this.#snapshot?.sequences;
    if (sequences !== undefined && !sequences.has(connector)) {
      sequences.set(connector, [...(this.#sequences[connector] as number[])]);
    }
  }

  /**
   * By how much all costs rise when a car starts at a moment before the one at a position, or so much that it reaches the
   * limit. Nearly: delays are weighed by their mean rise (`HerdProblem.slope`) where no limit of a car's is near.
   */
  #costRise(car: number, connector: number, bank: number, position: number, startMs: number, limit: number): number {
    const problem = this.#problem;
    const sequence = this.#sequences[connector] as number[];
    let freeMs = startMs + problem.chargeMs(car, bank);
    let rise = problem.costWhenCheapest(car, bank, startMs) - (this.#costOf[car] as number);
    for (let n = position; n < sequence.length && rise < limit; ) {
      const next = sequence[n] as number;
      const delayMs = freeMs - (this.#startMs[next] as number);
      if (delayMs <= 0) break;
      if (delayMs <= (this.#blockSlackMs[next] as number)) {
        rise += delayMs * ((this.#blockSlope[next] as number) + delayMs * (this.#blockCurvature[next] as number));
        n = this.#blockEnd[next] as number;
        freeMs = this.#endBefore(sequence, n) + delayMs;
      } else {
        const nextMs = this.#earliestStartMs(connector, bank, next, freeMs);
        rise += problem.cost(next, bank, nextMs) - (this.#costOf[next] as number);
        freeMs = nextMs + problem.chargeMs(next, bank);
        n++;
      }
    }
    // The price is looked up last, as most places are too dear without it.
    return rise < limit ? rise + problem.surcharge(car, bank, startMs) : rise;
  }

  #endBefore(sequence: number[], position: number): number {
    return position === 0 ? this.#problem.nowMs : this.#endOf(sequence[position - 1] as number);
  }

  #endOf(car: number): number {
    return this.#endMs[car] as number;
  }

  #earliestStartMs(connector: number, bank: number, car: number, freeMs: number): number {
    return this.#problem.earliestStartMs(car, bank, this.#taken[connector] as TakenTime, freeMs);
  }

  /** Sets the starts and costs of a connector's cars from a position on. */
  #retime(connector: number, from: number): void {
    const bank = this.#problem.bankOf[connector] as number;
    const sequence = this.#sequences[connector] as number[];
    let freeMs = this.#endBefore(sequence, from);
    for (let n = from; n < sequence.length; n++) {
      const car = sequence[n] as number;
      const startMs = this.#earliestStartMs(connector, bank, car, freeMs);
      freeMs = startMs + this.#problem.chargeMs(car, bank);
      this.#startMs[car] = startMs;
      this.#endMs[car] = freeMs;
      this.#slope[car] = this.#problem.slope(car, bank, startMs);
      this.#setCost(car, this.#problem.cost(car, bank, startMs));
    }
    this.#joinBlocks(connector, bank, sequence);
    this.#versions[connector] = this.version(connector) + 1;
  }

  /** Works out, from the last car to the first, what it means to delay each with those right behind it. */
  #joinBlocks(connector: number, bank: number, sequence: readonly number[]): void {
    const takenUntilMs = (this.#taken[connector] as TakenTime).untilMs;
    let nextMs = Number.POSITIVE_INFINITY;
    let end = sequence.length;
    let slope = 0;
    let curvature = 0;
    let slackMs = Number.POSITIVE_INFINITY;
    for (let n = sequence.length - 1; n >= 0; n--) {
      const car = sequence[n] as number;
      const startMs = this.#startMs[car] as number;
      if (this.#endOf(car) < nextMs) {
        end = n + 1;
        slope = 0;
        curvature = 0;
        slackMs = Number.POSITIVE_INFINITY;
      }
      // A car that minds the price, or could be put off by what is taken, may start later still than it has to.
      const isFree = startMs >= takenUntilMs && this.#problem.paysAlways(car, bank);
      slackMs = isFree ? Math.min(slackMs, this.#problem.latestStartMs(car, bank) - ROUNDING_MS - startMs) : 0;
      slope += this.#slope[car] as number;
      curvature += this.#problem.curvature(car);
      this.#blockEnd[car] = end;
      this.#blockSlope[car] = slope;
      this.#blockCurvature[car] = curvature;
      this.#blockSlackMs[car] = slackMs;
      nextMs = startMs;
    }
  }

  #setCost(car: number, cost: number): void {
    this.#cost += cost - (this.#costOf[car] as number);
    this.#costOf[car] = cost;
  }
}
