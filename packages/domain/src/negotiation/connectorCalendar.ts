import { TakenTime } from "./takenTime.ts";

/** A stretch of time, Unix ms: from its start on, up to but not including its end. */
export interface TimeRange {
  startMs: number;
  endMs: number;
}

/** A connector's time that somebody has. */
export interface CalendarEntry extends TimeRange {
  /** Of what has it: a booking or a hold. */
  id: string;
}

/**
 * Who has a connector when. Entries never overlap; one may begin the moment another ends. Looking up takes time in the
 * logarithm of the entries, a change moves those behind it.
 */
export class ConnectorCalendar {
  /** By start, which is by end too as none overlap. */
  readonly #entries: CalendarEntry[] = [];
  #taken: TakenTime | undefined;

  constructor(entries: Iterable<CalendarEntry> = []) {
    for (const entry of entries) this.insert(entry);
  }

  get entries(): readonly CalendarEntry[] {
    return this.#entries;
  }

  /** Takes a free stretch. @throws RangeError when it is empty or not free */
  insert(entry: CalendarEntry): void {
    if (!this.isFree(entry)) throw new RangeError(`${entry.startMs} to ${entry.endMs} is not free for ${entry.id}`);
    this.#entries.splice(this.#firstEndingAfter(entry.startMs), 0, entry);
    this.#taken = undefined;
  }

  /** Gives a stretch back. @returns whether there was such an entry */
  remove(id: string): boolean {
    const at = this.#entries.findIndex((entry) => entry.id === id);
    if (at < 0) return false;
    this.#entries.splice(at, 1);
    this.#taken = undefined;
    return true;
  }

  /** Whether nobody has any moment of it; an empty stretch is nobody's to have. */
  isFree({ startMs, endMs }: TimeRange): boolean {
    const next = this.#entries[this.#firstEndingAfter(startMs)];
    return startMs < endMs && (next === undefined || next.startMs >= endMs);
  }

  /** The earliest start from a moment on at which so long a stretch is free. There always is one: after all entries. */
  earliestStartMs(fromMs: number, durationMs: number): number {
    let startMs = fromMs;
    for (let at = this.#firstEndingAfter(fromMs); at < this.#entries.length; at++) {
      const entry = this.#entries[at] as CalendarEntry;
      if (entry.startMs - startMs >= durationMs) break;
      startMs = Math.max(startMs, entry.endMs);
    }
    return startMs;
  }

  /** The same for a search from a moment on (Unix ms), which asks very often: made once for as long as nothing changes. */
  takenTime(fromMs: number): TakenTime {
    if (this.#taken === undefined || this.#taken.fromMs > fromMs) this.#taken = new TakenTime(fromMs, this.#entries);
    return this.#taken;
  }

  /** How much of a stretch is taken, ms. */
  takenMs({ startMs, endMs }: TimeRange): number {
    let taken = 0;
    for (let at = this.#firstEndingAfter(startMs); at < this.#entries.length; at++) {
      const entry = this.#entries[at] as CalendarEntry;
      if (entry.startMs >= endMs) break;
      taken += Math.min(entry.endMs, endMs) - Math.max(entry.startMs, startMs);
    }
    return taken;
  }

  /** The place of the first entry that ends after a moment. */
  #firstEndingAfter(atMs: number): number {
    let [from, until] = [0, this.#entries.length];
    while (from < until) {
      const middle = (from + until) >> 1;
      if ((this.#entries[middle] as CalendarEntry).endMs > atMs) until = middle;
      else from = middle + 1;
    }
    return from;
  }
}
