import { randomUUID } from "node:crypto";
import { Batcher, endedWithin, type Runtime, retry } from "@greenlane/runtime";
import { type Database, isTransient, type NewBooking, type RefusedBooking, refuseBookings } from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import type { Negotiation } from "./negotiation.ts";
import type { SlotBook } from "./slotBook.ts";

/** Past these bounds a request that got no booking is counted, and not written down. */
const BOUNDS = { maxItems: 200, maxWaiting: 10_000 };
const RETRY = { attempts: Number.POSITIVE_INFINITY, baseMs: 200, maxMs: 1_000 };
const STOP_MS = 2_000;
const REASON_MAX = 500;

/**
 * Writes down requests that got no booking, so that everybody hears of it as of every change; nobody waits for it. While
 * the database is away they wait for it, up to a bound.
 */
export class Unbooked implements AsyncDisposable {
  readonly #database: Database;
  readonly #book: SlotBook;
  readonly #metrics: BookingMetrics;
  readonly #runtime: Runtime;
  readonly #batcher = new Batcher<RefusedBooking>({ ...BOUNDS, work: (batch) => this.#write(batch) });
  #isStopping = false;

  constructor(database: Database, book: SlotBook, metrics: BookingMetrics, runtime: Runtime) {
    this.#database = database;
    this.#book = book;
    this.#metrics = metrics;
    this.#runtime = runtime;
  }

  /** A request for which there is no slot. @returns the id under which it is written down */
  reject({ request, digest }: Negotiation, reason: string): string {
    const bookingId = randomUUID();
    const { requestId, carId } = request;
    const nowhere = { stationId: "", connectorId: "", startMs: 0, endMs: 0, kwh: 0, pricePerKwh: 0 };
    this.#record({
      bookingId,
      requestId,
      carId,
      ...nowhere,
      request,
      requestDigest: digest,
      state: "REJECTED",
      reason,
    });
    return bookingId;
  }

  /**
   * A booking on which the database gave no answer. It is FAILED once that is written, and cannot be booked after; if it
   * was booked after all, it stays so.
   */
  fail(booking: NewBooking, reason: string): void {
    this.#record({ ...booking, state: "FAILED", reason });
  }

  #record(refused: RefusedBooking): void {
    const reason = refused.reason.slice(0, REASON_MAX);
    if (!this.#batcher.add({ ...refused, reason })) this.#metrics.unrecorded.inc();
  }

  async #write(batch: RefusedBooking[]): Promise<void> {
    const isRetryable = (error: unknown) => !this.#isStopping && isTransient(error);
    try {
      const standing = await retry(() => refuseBookings(this.#database, batch), { ...RETRY, isRetryable });
      await this.#book.confirm(standing.filter(({ state }) => state === "RESERVED"));
    } catch (err) {
      this.#metrics.unrecorded.inc(batch.length);
      this.#runtime.logger.warn({ err, requests: batch.length }, "requests that got no booking are not written down");
    }
  }

  /** Resolves when all is written down, or cannot be now. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    await endedWithin(STOP_MS, this.#batcher[Symbol.asyncDispose]());
  }
}
