import { randomUUID } from "node:crypto";
import { type MoveBooking__Output, RefusalReason, type RefusalReason__Output } from "@greenlane/contracts";
import {
  type ChargeOption,
  type ChargeRequest,
  type Match,
  matchHerd,
  QUADRATIC_PER_HOUR,
  type Travel,
} from "@greenlane/domain";
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
import { type ReasonForNow, type RefusalDetails, refusal, spreadRetryMs } from "./refusals.ts";
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

const TERMS = { candidates: 32, quadraticPerHour: QUADRATIC_PER_HOUR, trials: 2_000, seed: 1 };
/** What the search for a better match may take, ms. */
const MATCH_BUDGET_MS = 100;
/** How often a booking whose new slot was taken at the last moment gets another. */
const ROUNDS = 3;
/** Moves that cars ask for, under way at once. */
const MAX_MOVES = 32;

/** Gives bookings other slots: because the car asks, or because the connector cannot keep its word. */
export class Relocations {
  readonly #parts: RelocationParts;
  readonly #options: { travel: Travel; holdMs: number };
  readonly #runtime: Runtime;
  /** How many moves that cars asked for are under way. */
  #moves = 0;

  constructor(parts: RelocationParts, options: { travel: Travel; holdMs: number }, runtime: Runtime) {
    this.#parts = parts;
    this.#options = options;
    this.#runtime = runtime;
  }

  /** A car asks for another time. When many do, those beyond a bound are to come again. */
  async move(asked: MoveBooking__Output, party: Party): Promise<void> {
    const of = { requestId: "", carId: asked.car_id };
    const refuseForNow = (reason: ReasonForNow, message: string) =>
      party.tell(refusal(of, reason, message, { booking_id: asked.booking_id, retry_after_ms: spreadRetryMs(reason) }));
    if (this.#moves >= MAX_MOVES) return refuseForNow(RefusalReason.OVERLOADED, "too many bookings are being moved");
    this.#moves++;
    try {
      await this.#move(asked, party);
    } catch (err) {
      this.#runtime.logger.warn({ err, bookingId: asked.booking_id }, "a booking could not be moved");
      refuseForNow(RefusalReason.UNAVAILABLE, "the engine is being put in order; try again");
    } finally {
      this.#moves--;
    }
  }

  async #move({ booking_id, car_id, earliest }: MoveBooking__Output, party: Party): Promise<void> {
    const { database, parties, messages } = this.#parts;
    const refuse = (reason: RefusalReason__Output, message: string, more: RefusalDetails = {}, requestId = "") =>
      party.tell(refusal({ requestId, carId: car_id }, reason, message, { booking_id, ...more }));
    const booking = await findBooking(database, booking_id);
    if (booking?.state !== "RESERVED" || booking.carId !== car_id)
      return refuse(RefusalReason.GONE, "the car has no such booking, or no longer");
    const { requestId } = booking;
    const request = { ...storedAsRequest(booking.request), earliestMs: earliest };
    if (!(earliest >= 0 && earliest < request.latestMs))
      return refuse(RefusalReason.INVALID, "earliest must be before the latest asked for", { field: "earliest" });
    const wish = { booking, request, isChanged: true };
    const outcome = (await this.#moveAll([wish], "the car asked for another time")).get(booking);
    if (outcome?.kind === "gone") return refuse(RefusalReason.GONE, "the booking has changed meanwhile", {}, requestId);
    if (outcome?.kind !== "moved")
      return refuse(RefusalReason.NO_OPTION, "no other slot; the booking stands as it was", {}, requestId);
    const message = messages.booking(outcome.booking);
    parties.isNews(message);
    party.tell({ kind: "booking", booking: message });
  }

  /**
   * Gives bookings slots elsewhere, for no higher price than was locked, and cancels those for which there is none; what
   * has changed meanwhile stays as it is. Their cars hear of it as of every change. @throws FenceLost, SlotsUnavailable, or what the database throws
   */
  async relocate(bookings: Booking[], reason: string, fence: Fence): Promise<void> {
    const requests = await requestsNow(this.#parts.redis, bookings, this.#runtime.clock.nowMs());
    const wishes = bookings.map((booking, n) => {
      const { stationIds: _, ...request } = requests[n] as ChargeRequest;
      return { booking, request, isChanged: false };
    });
    const outcomes = await this.#moveAll(wishes, reason, fence);
    const stuck = bookings.filter((booking) => (outcomes.get(booking)?.kind ?? "taken") === "taken");
    const moved = [...outcomes.values()].filter(({ kind }) => kind === "moved");
    const canceled = await cancelBookings(this.#parts.database, stuck, `${reason}, and there is no other slot`, fence);
    await this.#parts.book.release(canceled);
    this.#parts.metrics.changes.inc({ change: "relocated" }, moved.length);
    this.#parts.metrics.changes.inc({ change: "canceled" }, canceled.length);
    this.#runtime.logger.info({ reason, moved: moved.length, canceled: canceled.length }, "bookings were renegotiated");
  }

  /** @returns what became of each, but for those for which there was no slot */
  async #moveAll(wishes: Wish[], reason: string, fence?: Fence): Promise<Map<Booking, MoveBookingOutcome>> {
    const outcomes = new Map<Booking, MoveBookingOutcome>();
    let left = wishes;
    for (let round = 0; round < ROUNDS && left.length > 0; round++) {
      const matchOf = await this.#match(left);
      for (const wish of left) {
        const match = matchOf.get(wish.request);
        if (match !== undefined) outcomes.set(wish.booking, await this.#moveOne(wish, match, reason, fence));
      }
      left = left.filter(({ booking }) => outcomes.get(booking)?.kind === "taken");
    }
    return outcomes;
  }

  /** Matches what the bookings would ask for now, as if they had no slots. */
  async #match(wishes: readonly Wish[]): Promise<Map<ChargeRequest, Match>> {
    const own = new Set(wishes.map(({ booking }) => booking.bookingId));
    const requests = wishes.map(({ request }) => request);
    const open = await this.#parts.stations.forRequests(requests, own);
    const nowMs = this.#runtime.clock.nowMs();
    const untilMs = performance.now() + MATCH_BUDGET_MS;
    const mayGoOn = () => performance.now() < untilMs;
    const { matches } = matchHerd(requests, open, { ...TERMS, nowMs, travel: this.#options.travel, mayGoOn });
    return new Map(matches.map((match) => [match.request, match]));
  }

  /** Holds the new slot and moves the booking to it. */
  async #moveOne(wish: Wish, match: Match, reason: string, fence?: Fence): Promise<MoveBookingOutcome> {
    const { booking, request, isChanged } = wish;
    const { stationId, connectorId } = match.connector;
    const id = randomUUID();
    const slot = { connectorId, startMs: match.startMs, endMs: match.endMs };
    const replaces = booking.stationId === stationId ? booking.bookingId : undefined;
    if (!(await this.#parts.book.hold(stationId, { id, slot, replaces }, this.#options.holdMs)))
      return { kind: "taken" };
    const pricePerKwh = fence === undefined ? match.pricePerKwh : Math.min(match.pricePerKwh, booking.pricePerKwh);
    const more = { ...(fence && { fence }), ...(isChanged && { request }) };
    return this.moveTo(booking, { ...match, pricePerKwh }, id, reason, more);
  }

  /**
   * Moves a booking that is as it was seen to a slot that is held under an id: the database decides, Redis records it,
   * and the hold is released. A changed request is stored. @throws FenceLost, or what the database throws
   */
  async moveTo(
    booking: Booking,
    { connector: { stationId, connectorId }, startMs, endMs, kwh, pricePerKwh }: ChargeOption,
    heldAs: string,
    reason: string,
    { fence, request }: { fence?: Fence; request?: ChargeRequest } = {},
  ): Promise<MoveBookingOutcome> {
    const { book, database } = this.#parts;
    try {
      const to = { stationId, connectorId, startMs, endMs, kwh, pricePerKwh, ...(request && { request }) };
      const outcome = await moveBooking(database, booking, to, reason, fence);
      if (outcome.kind === "moved") {
        await book.confirm([outcome.booking]);
        // It was there until now: had it moved since it was seen, it would be gone.
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
  /** Whether the car asks for something else than it did. */
  isChanged: boolean;
}
