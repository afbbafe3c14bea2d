import type { HerdProblem } from "./herdProblem.ts";

/** Where a car would go into a plan, and by how much all costs together would rise. */
export interface Insertion {
  connector: number;
  position: number;
  costRise: number;
}

/** The starts and ends of what was taken before, Unix ms, in order. */
interface Taken {
  starts: Float64Array;
  ends: Float64Array;
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
  /** Of each connector. */
  readonly #taken: readonly Taken[];
  readonly #connectorOf: Int32Array;
  /** Of each car that has a slot, as `HerdProblem` gives it there. */
  readonly #startMs: Float64Array;
  readonly #chargeMs: Float64Array;
  readonly #latestStartMs: Float64Array;
  readonly #paysAlways: Uint8Array;
  readonly #slope: Float64Array;
  readonly #curvature: Float64Array;
  readonly #costOf: Float64Array;
  #cost: number;
  #snapshot: Snapshot | undefined;

  constructor(problem: HerdProblem) {
    this.#problem = problem;
    this.#sequences = problem.connectors.map(() => []);
    this.#taken = problem.connectors.map(({ calendar }) => {
      const ahead = calendar.entries.filter(({ endMs }) => endMs > problem.nowMs);
      return {
        starts: Float64Array.from(ahead, ({ startMs }) => startMs),
        ends: Float64Array.from(ahead, ({ endMs }) => endMs),
      };
    });
    const cars = problem.requests.length;
    this.#connectorOf = new Int32Array(cars).fill(-1);
    this.#startMs = new Float64Array(cars);
    this.#chargeMs = new Float64Array(cars);
    this.#latestStartMs = new Float64Array(cars);
    this.#paysAlways = new Uint8Array(cars);
    this.#slope = new Float64Array(cars);
    this.#curvature = Float64Array.from({ length: cars }, (_, car) => problem.curvature(car));
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

  /** The first start from a moment on at which nobody has a connector's time, and a car pays the price, Unix ms. */
  freeStartMs(car: number, connector: number, fromMs: number): number {
    const bank = this.#problem.bankOf[connector] as number;
    const chargeMs = this.#problem.chargeMs(car, bank);
    let startMs = this.#earliestStartMs(connector, bank, car, fromMs);
    for (const other of this.#sequences[connector] as readonly number[]) {
      if (startMs + chargeMs <= (this.#startMs[other] as number)) break;
      if (this.#endMs(other) > startMs) startMs = this.#earliestStartMs(connector, bank, car, this.#endMs(other));
    }
    return startMs;
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
    let best: Insertion | undefined;
    let triedEmpty = false;
    for (const connector of this.#problem.banks[bank] as readonly number[]) {
      const sequence = this.#sequences[connector] as number[];
      const isEmpty = sequence.length === 0 && this.#isOpen(connector);
      if (isEmpty && triedEmpty) continue;
      triedEmpty ||= isEmpty;
      for (let position = sequence.length; position >= 0; position--) {
        const costRise = this.#costRise(car, connector, bank, position, best?.costRise ?? limit);
        if (costRise < (best?.costRise ?? limit)) best = { connector, position, costRise };
      }
    }
    return best;
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
   * By how much all costs rise when a car goes before the one at a position, or so much that it reaches the limit. On a
   * connector of which nothing was taken before, nearly: delays are weighed by their mean rise (`HerdProblem.slope`).
   */
  #costRise(car: number, connector: number, bank: number, position: number, limit: number): number {
    const problem = this.#problem;
    const sequence = this.#sequences[connector] as number[];
    const startMs = this.#earliestStartMs(connector, bank, car, this.#endBefore(sequence, position));
    let freeMs = startMs + problem.chargeMs(car, bank);
    let rise = problem.cost(car, bank, startMs) - (this.#costOf[car] as number);
    const isOpen = this.#isOpen(connector);
    for (let n = position; n < sequence.length && rise < limit; n++) {
      const next = sequence[n] as number;
      if (freeMs <= (this.#startMs[next] as number)) break;
      if (isOpen && this.#paysAlways[next] === 1) {
        const delayMs = freeMs - (this.#startMs[next] as number);
        if (freeMs > (this.#latestStartMs[next] as number)) return Number.POSITIVE_INFINITY;
        rise += delayMs * ((this.#slope[next] as number) + delayMs * (this.#curvature[next] as number));
      } else {
        freeMs = this.#earliestStartMs(connector, bank, next, freeMs);
        rise += problem.cost(next, bank, freeMs) - (this.#costOf[next] as number);
      }
      freeMs += this.#chargeMs[next] as number;
    }
    return rise;
  }

  /** Whether nothing of it was taken before. */
  #isOpen(connector: number): boolean {
    return (this.#taken[connector] as Taken).ends.length === 0;
  }

  #endBefore(sequence: number[], position: number): number {
    const before = sequence[position - 1];
    return before === undefined ? this.#problem.nowMs : this.#endMs(before);
  }

  #endMs(car: number): number {
    return (this.#startMs[car] as number) + (this.#chargeMs[car] as number);
  }

  /** The first start from a moment on at which its time is not taken already and the car pays the price. */
  #earliestStartMs(connector: number, bank: number, car: number, freeMs: number): number {
    let startMs = Math.max(freeMs, this.#problem.arriveMs(car, bank));
    for (;;) {
      startMs = this.#untakenStartMs(connector, startMs, this.#problem.chargeMs(car, bank));
      const affordableMs = this.#problem.affordableStartMs(car, bank, startMs);
      if (affordableMs === startMs || affordableMs === Number.POSITIVE_INFINITY) return affordableMs;
      startMs = affordableMs;
    }
  }

  #untakenStartMs(connector: number, fromMs: number, chargeMs: number): number {
    const { starts, ends } = this.#taken[connector] as Taken;
    let startMs = fromMs;
    for (let n = firstAfter(ends, fromMs); n < ends.length; n++) {
      if ((starts[n] as number) - startMs >= chargeMs) break;
      startMs = Math.max(startMs, ends[n] as number);
    }
    return startMs;
  }

  /** Sets the starts and costs of a connector's cars from a position on. */
  #retime(connector: number, from: number): void {
    const bank = this.#problem.bankOf[connector] as number;
    const sequence = this.#sequences[connector] as number[];
    let freeMs = this.#endBefore(sequence, from);
    for (let n = from; n < sequence.length; n++) {
      const car = sequence[n] as number;
      const startMs = this.#earliestStartMs(connector, bank, car, freeMs);
      this.#startMs[car] = startMs;
      this.#chargeMs[car] = this.#problem.chargeMs(car, bank);
      this.#latestStartMs[car] = this.#problem.latestStartMs(car, bank);
      this.#paysAlways[car] = this.#problem.paysAlways(car, bank) ? 1 : 0;
      this.#slope[car] = this.#problem.slope(car, bank, startMs);
      this.#setCost(car, this.#problem.cost(car, bank, startMs));
      freeMs = this.#endMs(car);
    }
  }

  #setCost(car: number, cost: number): void {
    this.#cost += cost - (this.#costOf[car] as number);
    this.#costOf[car] = cost;
  }
}

/** The place of the first value above a bound in a rising list. */
function firstAfter(rising: Float64Array, bound: number): number {
  let [from, until] = [0, rising.length];
  while (from < until) {
    const middle = (from + until) >> 1;
    if ((rising[middle] as number) > bound) until = middle;
    else from = middle + 1;
  }
  return from;
}
