import { randomUUID } from "node:crypto";
import { type ChargeRequest, type Match, matchHerd, QUADRATIC_PER_HOUR, type Travel } from "@greenlane/domain";
import type { Redis } from "@greenlane/redis";
import type { Runtime } from "@greenlane/runtime";
import { type Booking, type Database, listBookings } from "@greenlane/timescale";
import { requestsNow } from "./chargeRequests.ts";
import type { Engine } from "./engine.ts";
import type { OpenStations } from "./openStations.ts";
import type { Parties } from "./parties.ts";
import { SlotsUnavailable } from "./slotBook.ts";
import type { UnaskedOffers } from "./unaskedOffers.ts";

export interface SoonerParts {
  database: Database;
  redis: Redis;
  stations: OpenStations;
  parties: Parties;
  engine: Engine;
  unasked: UnaskedOffers;
}

/** A car is told of a slot that has it charged sooner by so much. */
const WORTHWHILE_MS = 10 * 60_000;
/** Bookings considered at once: those that would wait longest. */
const MAX_BOOKINGS = 200;
const MAX_READ = 2_000;
/** A car that did not take a sooner slot is left alone for so long. */
const PEACE_MS = 60_000;
/** Time becomes free in bursts: what comes within so long is looked at together. */
const GATHER_MS = 250;
const TERMS = { candidates: 16, quadraticPerHour: QUADRATIC_PER_HOUR, trials: 2_000, seed: 1 };

/** Offers time that has become free to cars that have booked for later and gain from it. */
export class SoonerSlots {
  readonly #parts: SoonerParts;
  readonly #travel: Travel;
  readonly #runtime: Runtime;
  #timer: NodeJS.Timeout | undefined;
  /** When cars were last offered one, Unix ms, the longest ago first. */
  readonly #offeredAtMs = new Map<string, number>();

  constructor(parts: SoonerParts, travel: Travel, runtime: Runtime) {
    this.#parts = parts;
    this.#travel = travel;
    this.#runtime = runtime;
  }

  slotsFreed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#offer().catch((err: unknown) => {
        const level = err instanceof SlotsUnavailable ? "debug" : "warn";
        this.#runtime.logger[level]({ err }, "sooner slots could not be offered");
      });
    }, GATHER_MS);
  }

  async #offer(): Promise<void> {
    const { database, redis, parties, engine, stations } = this.#parts;
    const nowMs = this.#runtime.clock.nowMs();
    const later = { states: ["RESERVED" as const], fromMs: nowMs + WORTHWHILE_MS, limit: MAX_READ };
    const bookings = (await listBookings(database, later))
      .filter(({ carId }) => parties.of(carId) !== undefined && !engine.negotiatesWith(carId))
      .filter(({ carId }) => (this.#offeredAtMs.get(carId) ?? 0) + PEACE_MS <= nowMs)
      .slice(0, MAX_BOOKINGS);
    if (bookings.length === 0) return;
    const asked = await requestsNow(redis, bookings, nowMs);
    const bookingOf = new Map<ChargeRequest, Booking>();
    const requests = bookings.map((booking, n) => {
      const request = { ...(asked[n] as ChargeRequest), latestMs: booking.endMs - WORTHWHILE_MS };
      bookingOf.set(request, booking);
      return request;
    });
    const open = await stations.forRequests(requests);
    const { matches } = matchHerd(requests, open, { ...TERMS, nowMs, travel: this.#travel });
    await Promise.all(matches.map((match) => this.#invite(bookingOf.get(match.request) as Booking, match, nowMs)));
  }

  /** Offers the slot in place of the booked one. */
  async #invite(booking: Booking, match: Match, nowMs: number): Promise<void> {
    const { unasked, parties } = this.#parts;
    this.#remember(booking.carId, nowMs);
    const party = parties.of(booking.carId);
    if (party === undefined) return;
    const minutes = Math.round((booking.endMs - match.endMs) / 60_000);
    const why = `a slot has become free that has the car charged ${minutes} min sooner; it would replace the booking`;
    const request = { ...match.request, requestId: `sooner-${randomUUID()}` };
    await unasked.make(request, match, party, { why, replaces: booking });
  }

  #remember(carId: string, nowMs: number): void {
    this.#offeredAtMs.delete(carId);
    this.#offeredAtMs.set(carId, nowMs);
    for (const [other, atMs] of this.#offeredAtMs) {
      if (atMs + PEACE_MS > nowMs) return;
      this.#offeredAtMs.delete(other);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
