import { Batcher, type Runtime, retry } from "@greenlane/runtime";
import {
  type ConfirmOutcome,
  confirmBookings,
  type Database,
  isTransient,
  type NewBooking,
} from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import type { SlotBook } from "./slotBook.ts";

const BOUNDS = { maxItems: 500, maxWaiting: 50_000 };
const RETRY = { attempts: 6, baseMs: 50, maxMs: 500 };

/** `unknown`: the database did not answer; asking again with the same booking tells. */
export type Confirmed = ConfirmOutcome | { kind: "unknown" };

interface Acceptance {
  booking: NewBooking;
  answer(outcome: Confirmed): void;
  stopTimer(): void;
}

/**
 * Commits bookings in groups: one transaction is under way at a time, and the next one takes what was accepted
 * meanwhile. An outcome is told after the commit, never before.
 */
export class Confirmations implements AsyncDisposable {
  readonly #database: Database;
  readonly #book: SlotBook;
  readonly #runtime: Runtime;
  readonly #metrics: BookingMetrics;
  readonly #batcher = new Batcher<Acceptance>({ ...BOUNDS, work: (batch) => this.#commit(batch) });

  constructor(database: Database, book: SlotBook, metrics: BookingMetrics, runtime: Runtime) {
    this.#database = database;
    this.#book = book;
    this.#metrics = metrics;
    this.#runtime = runtime;
  }

  /** Resolves when it is decided and durable. */
  confirm(booking: NewBooking): Promise<Confirmed> {
    const { promise, resolve } = Promise.withResolvers<Confirmed>();
    const stopTimer = this.#metrics.confirmSeconds.startTimer();
    if (!this.#batcher.add({ booking, answer: resolve, stopTimer })) resolve({ kind: "unknown" });
    return promise;
  }

  async #commit(batch: Acceptance[]): Promise<void> {
    let outcomes: Confirmed[];
    try {
      const commit = () =>
        confirmBookings(
          this.#database,
          batch.map(({ booking }) => booking),
        );
      outcomes = await retry(commit, { ...RETRY, isRetryable: isTransient });
    } catch (err) {
      this.#runtime.logger.warn({ err, bookings: batch.length }, "bookings could not be committed");
      outcomes = batch.map(() => ({ kind: "unknown" }));
    }
    // Before anybody is told: a cancellation that follows the answer comes to Redis after this.
    await this.#book.confirm(outcomes.flatMap((outcome) => (outcome.kind === "confirmed" ? [outcome.booking] : [])));
    batch.forEach(({ answer, stopTimer }, n) => {
      stopTimer();
      answer(outcomes[n] ?? { kind: "unknown" });
    });
  }

  /** Resolves when everything that was accepted is decided. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batcher[Symbol.asyncDispose]();
  }
}
