import type { TimeRange } from "./connectorCalendar.ts";

/** Sums of times, and of what time is worth, are exact to far less than this. */
export const ROUNDING_MS = 1;

/** A connector's time from a moment on that somebody has, fixed: what a search asks very often. */
export class TakenTime {
  /** Nothing is known of the time before, Unix ms. */
  readonly fromMs: number;
  /** When the last of it ends, Unix ms: from then on all is free. */
  readonly untilMs: number;
  /** By start, which is by end too as none overlap. */
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** The longest that is free before the end of all. */
  readonly #longestFreeMs: number;

  /** @param ranges in order, none overlapping; those that end before the moment (Unix ms) do not count */
  constructor(fromMs: number, ranges: readonly TimeRange[]) {
    const ahead = ranges.filter(({ endMs }) => endMs > fromMs);
    this.fromMs = fromMs;
    this.#starts = Float64Array.from(ahead, ({ startMs }) => startMs);
    this.#ends = Float64Array.from(ahead, ({ endMs }) => endMs);
    let [untilMs, longestFreeMs] = [fromMs, 0];
    for (const { startMs, endMs } of ahead) {
      longestFreeMs = Math.max(longestFreeMs, startMs - untilMs);
      untilMs = endMs;
    }
    this.untilMs = untilMs;
    this.#longestFreeMs = longestFreeMs;
  }

  /** The earliest start from a moment on, not before that of the whole, at which so long a stretch is free, Unix ms. */
  earliestStartMs(fromMs: number, durationMs: number): number {
    if (fromMs >= this.untilMs) return fromMs;
    // Most connectors of a busy station have no gap that is long enough for anybody.
    if (durationMs > this.#longestFreeMs) return this.untilMs;
    let startMs = fromMs;
    for (let n = firstAfter(this.#ends, fromMs); n < this.#ends.length; n++) {
      if ((this.#starts[n] as number) - startMs >= durationMs) break;
      startMs = Math.max(startMs, this.#ends[n] as number);
    }
    return startMs;
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
