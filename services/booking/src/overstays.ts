import { carStates, type Redis } from "@greenlane/redis";
import type { Runtime } from "@greenlane/runtime";
import {
  type Booking,
  bookingsHeldUp,
  type Database,
  type Fence,
  overstayedBookings,
  prolongStays,
} from "@greenlane/timescale";
import type { Relocations } from "./relocations.ts";
import { type SlotBook, SlotsUnavailable } from "./slotBook.ts";

export interface OverstayParts {
  database: Database;
  redis: Redis;
  book: SlotBook;
  relocations: Relocations;
}

/** Cars looked at in one round. */
const AT_ONCE = 500;
/** A car whose last report is older has gone, or says nothing: its connector is not kept for it. */
const FRESH_MS = 2 * 60_000;
/** For how long a car that stays is taken to stay on. */
const STAYS_ON_MS = 10 * 60_000;

/**
 * Cars that charge beyond their slots: nobody is sold their connectors while they are there, and the booking that they
 * hold up is renegotiated, without its car asking.
 */
export class Overstays {
  readonly #parts: OverstayParts;
  readonly #graceMs: number;
  readonly #runtime: Runtime;

  /** @param graceMs for how long after its start a booking is held up before it is renegotiated */
  constructor(parts: OverstayParts, graceMs: number, runtime: Runtime) {
    this.#parts = parts;
    this.#graceMs = graceMs;
    this.#runtime = runtime;
  }

  /** @throws FenceLost, SlotsUnavailable, or what the database throws */
  async settle(fence: Fence): Promise<void> {
    const { database, book, relocations } = this.#parts;
    const staying = await this.#stillThere(await overstayedBookings(database, AT_ONCE));
    if (staying.length === 0) return;
    const heldUp = await bookingsHeldUp(database, staying, this.#graceMs);
    if (heldUp.length > 0) {
      // Before the others are matched: they are not to be given the same connectors again.
      const connectors = new Set(heldUp.map(connectorOf));
      const endMs = this.#runtime.clock.nowMs() + STAYS_ON_MS;
      const inTheWay = staying.filter((booking) => connectors.has(connectorOf(booking)));
      await book.confirm(inTheWay.map((booking) => ({ ...booking, endMs })));
      await relocations.relocate(heldUp, "another car charges there for longer than it had booked", fence);
    }
    await book.confirm(await prolongStays(database, staying, STAYS_ON_MS, fence));
  }

  /** Those whose cars were in the booked session when they reported last, which they did lately. */
  async #stillThere(bookings: readonly Booking[]): Promise<Booking[]> {
    if (bookings.length === 0) return [];
    const carIds = bookings.map(({ carId }) => carId);
    const reports = await carStates(this.#parts.redis, carIds).catch((cause: unknown) => {
      throw new SlotsUnavailable("cars' last reports cannot be read", { cause });
    });
    const freshMs = this.#runtime.clock.nowMs() - FRESH_MS;
    return bookings.filter(({ bookingId }, n) => {
      const report = reports[n];
      return report?.sessionId === bookingId && report.timestampMs >= freshMs;
    });
  }
}

const connectorOf = ({ stationId, connectorId }: Booking) => `${stationId}\n${connectorId}`;
