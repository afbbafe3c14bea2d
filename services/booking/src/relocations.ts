import { type MoveBooking__Output, RefusalReason } from "@greenlane/contracts";
import { type ChargeOption, type ChargeRequest, type Match, matchHerd, type Travel } from "@greenlane/domain";
import type { Redis } from "@greenlane/redis";
import type { Runtime } from "@greenlane/runtime";
import {
  type Booking,
  cancelBookings,
  type Database,
  type Fence,
  findBooking,
  type MoveBookingOutcome,
  moveBooking,
} from "@greenlane/timescale";

import type { BookingMetrics } from "./bookingMetrics.ts";
import { requestsNow, storedAsRequest } from "./chargeRequests.ts";
import type { EngineMessages } from "./engineMessages.ts";
import type { OpenStations } from "./openStations.ts";
import type { Parties, Party } from "./parties.ts";
import { refusal } from "./refusals.ts";
import type { SlotBook } from "./slotBook.ts";

export interface RelocationParts {
  database: Database;
  redis: Redis;
  stations: OpenStations;
  book: SlotBook;
  parties: Parties;
  messages: EngineMessages;
  metrics: BookingMetrics;
}

const TERMS = { candidates: 32, quadraticPerHour: 0.02, trials: 2_000, seed: 1 };
/** How often a booking whose new slot was taken at the last moment gets another. */
const ROUNDS = 3;
/** Gives bookings other slots: because the car asks, or because the connector cannot keep its word. */
export class Relocations {
  readonly #parts: RelocationParts;
  readonly #options: { travel: Travel; holdMs: number };
  readonly #runtime: Runtime;

  constructor(parts: RelocationParts, options: { travel: Travel; holdMs: number }, runtime: Runtime) {
    this.#parts = parts;
    this.#options = options;
    this.#runtime = runtime;
  }

  /** A car asks for another time. */
  async move({ booking_id, car_id, earliest }: MoveBooking__Output, party: Party): Promise<void> {
    const { database, parties, messages } = this.#parts;
    const refuse = (reason: RefusalReason, message: string, requestId = "", field = "") =>
      party.tell(refusal({ requestId, carId: car_id }, reason, message, { booking_id, field }));
    try {
      const booking = await findBooking(database, booking_id);
      if (booking?.state !== "RESERVED" || booking.carId !== car_id)
        return refuse(RefusalReason.GONE, "the car has no such booking, or no longer");
      const request = { ...storedAsRequest(booking.request), earliestMs: earliest };
      if (!(earliest >= 0 && earliest < request.latestMs))
        return refuse(RefusalReason.INVALID, "earliest must be before the latest asked for", "", "earliest");
      const moved = await this.#moveAll([{ booking, request }], "the car asked for another time");
      const now = moved.get(booking);
      if (now === undefined)
        return refuse(RefusalReason.NO_OPTION, "no other slot; the booking stands as it was", booking.requestId);
      const message = messages.booking(now);
      parties.isNews(message);
      party.tell({ kind: "booking", booking: message });
    } catch (err) {
      this.#runtime.logger.warn({ err, bookingId: booking_id }, "a booking could not be moved");
      refuse(RefusalReason.UNAVAILABLE, "the engine is being put in order; try again");
    }
  }

  /**
   * Gives bookings slots elsewhere, for no higher price than was locked, and cancels those for which there is none.
   * Their cars hear of it as of every change. @throws FenceLost, SlotsUnavailable, or what the database throws
   */
  async relocate(bookings: Booking[], reason: string, fence: Fence): Promise<void> {
    const requests = await requestsNow(this.#parts.redis, bookings, this.#runtime.clock.nowMs());
    const wishes = bookings.map((booking, n) => {
      const { stationIds: _, ...request } = requests[n] as ChargeRequest;
      return { booking, request };
    });
    const moved = await this.#moveAll(wishes, reason, fence);
    const stuck = bookings.filter((booking) => !moved.has(booking)).map(({ bookingId }) => bookingId);
    const canceled = await cancelBookings(this.#parts.database, stuck, `${reason}, and there is no other slot`, fence);
    await this.#parts.book.release(canceled);
    this.#parts.metrics.changes.inc({ change: "relocated" }, moved.size);
    this.#parts.metrics.changes.inc({ change: "canceled" }, canceled.length);
    this.#runtime.logger.info({ reason, moved: moved.size, canceled: canceled.length }, "bookings were renegotiated");
  }

  /** @returns those that have another slot now, as they are now */
  async #moveAll(wishes: Wish[], reason: string, fence?: Fence): Promise<Map<Booking, Booking>> {
    const moved = new Map<Booking, Booking>();
    let left = wishes;
    for (let round = 0; round < ROUNDS && left.length > 0; round++) {
      const own = new Set(left.map(({ booking }) => booking.bookingId));
      const requests = left.map(({ request }) => request);
      const open = await this.#parts.stations.forRequests(requests, own);
      const nowMs = this.#runtime.clock.nowMs();
      const { matches } = matchHerd(requests, open, { ...TERMS, nowMs, travel: this.#options.travel });
      const matchOf = new Map(matches.map((match) => [match.request, match]));
      const next: Wish[] = [];
      for (const wish of left) {
        const match = matchOf.get(wish.request);
        if (match === undefined) continue;
        const outcome = await this.#moveOne(wish.booking, match, reason, fence);
        if (outcome.kind === "moved") moved.set(wish.booking, outcome.booking);
        else if (outcome.kind === "taken") next.push(wish);
      }
      left = next;
    }
    return moved;
  }

  /** Holds the new slot and moves the booking to it. */
  async #moveOne(booking: Booking, match: Match, reason: string, fence?: Fence): Promise<MoveBookingOutcome> {
    const { stationId, connectorId } = match.connector;
    const id = `${booking.bookingId}/move`;
    const slot = { connectorId, startMs: match.startMs, endMs: match.endMs };
    const replaces = booking.stationId === stationId ? booking.bookingId : undefined;
    const [held] = await this.#parts.book.slots.hold(stationId, [{ id, slot, replaces }], this.#options.holdMs);
    if (held?.kind !== "held") return { kind: "taken" };
    const pricePerKwh = fence === undefined ? match.pricePerKwh : Math.min(match.pricePerKwh, booking.pricePerKwh);
    return this.moveTo(booking, { ...match, pricePerKwh }, id, reason, fence);
  }

  /**
   * Moves a booking to a slot that is held under an id: the database decides, Redis records it, and the hold is released.
   * @throws FenceLost, or what the database throws
   */
  async moveTo(
    booking: Booking,
    { connector: { stationId, connectorId }, startMs, endMs, kwh, pricePerKwh }: ChargeOption,
    heldAs: string,
    reason: string,
    fence?: Fence,
  ): Promise<MoveBookingOutcome> {
    const { book, database } = this.#parts;
    try {
      const to = { stationId, connectorId, startMs, endMs, kwh, pricePerKwh };
      const outcome = await moveBooking(database, booking.bookingId, to, reason, fence);
      if (outcome.kind === "moved") {
        await book.confirm([outcome.booking]);
        if (booking.stationId !== stationId) await book.release([booking]);
      }
      return outcome;
    } finally {
      await book.release([{ bookingId: heldAs, stationId }]);
    }
  }
}

interface Wish {
  booking: Booking;
  request: ChargeRequest;
}
