import type { StandingSlot } from "@greenlane/redis";
import type { Runtime } from "@greenlane/runtime";
import { type Booking, type Database, standingBookings } from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import { type SlotBook, SlotsUnavailable } from "./slotBook.ts";
import type { StationDirectory } from "./stationDirectory.ts";

/** Compares what Redis has of slots with what the database has, and mends Redis: the database decides. */
export class SlotAudit {
  readonly #database: Database;
  readonly #directory: StationDirectory;
  readonly #book: SlotBook;
  readonly #metrics: BookingMetrics;
  readonly #runtime: Runtime;

  constructor(
    parts: { database: Database; directory: StationDirectory; book: SlotBook; metrics: BookingMetrics },
    runtime: Runtime,
  ) {
    this.#database = parts.database;
    this.#directory = parts.directory;
    this.#book = parts.book;
    this.#metrics = parts.metrics;
    this.#runtime = runtime;
  }

  isUnavailable(error: unknown): boolean {
    return error instanceof SlotsUnavailable;
  }

  /** @throws SlotsUnavailable, or what the database throws */
  async run(): Promise<void> {
    const stationIds = [...this.#directory.all].map(({ stationId }) => stationId);
    // Redis first: what it has as booked then was committed before, so that the database has it, or it is over.
    const slots = await this.#book.read(stationIds);
    const bookings = Map.groupBy(await standingBookings(this.#database), ({ stationId }) => stationId);
    const nowMs = this.#runtime.clock.nowMs();
    const missing: Booking[] = [];
    const leaked: { bookingId: string; stationId: string }[] = [];
    stationIds.forEach((stationId, n) => {
      const differences = compare(slots[n] ?? [], bookings.get(stationId) ?? [], nowMs);
      missing.push(...differences.missing);
      leaked.push(...differences.leaked.map((bookingId) => ({ bookingId, stationId })));
    });
    if (missing.length === 0 && leaked.length === 0) return;
    await this.#book.confirm(missing);
    await this.#book.release(leaked);
    this.#metrics.audited.inc({ mended: "missing" }, missing.length);
    this.#metrics.audited.inc({ mended: "leaked" }, leaked.length);
    this.#runtime.logger.warn({ missing: missing.length, leaked: leaked.length }, "mended slots in Redis");
  }
}

/** A slot whose time is over is no difference: scripts remove it as they come across it. */
function compare(slots: readonly StandingSlot[], bookings: readonly Booking[], nowMs: number) {
  const standing = new Map(bookings.map((booking) => [booking.bookingId, booking]));
  const booked = new Map(slots.filter(({ heldUntilMs }) => heldUntilMs === undefined).map((slot) => [slot.id, slot]));
  const missing = bookings.filter((booking) => {
    const slot = booked.get(booking.bookingId);
    return (
      slot === undefined ||
      slot.connectorId !== booking.connectorId ||
      slot.startMs !== booking.startMs ||
      slot.endMs !== booking.endMs
    );
  });
  const leaked = [...booked.values()].filter(({ id, endMs }) => endMs > nowMs && !standing.has(id)).map(({ id }) => id);
  return { missing, leaked };
}
