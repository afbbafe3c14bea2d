import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { type ChargeOption, type ChargeRequest, type Match, matchHerd, type Travel, whyNever } from "@greenlane/domain";
import type { Runtime } from "@greenlane/runtime";
import { type Booking, bookingsOfRequests, type Database } from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import type { MatchingTurn } from "./matchingTurn.ts";
import type { Negotiation, StandingOffer } from "./negotiation.ts";
import type { OpenStations } from "./openStations.ts";
import type { SlotBook } from "./slotBook.ts";

/** What comes of matching a request. */
export interface MatchedParties {
  offered(negotiation: Negotiation, offers: StandingOffer[]): void;
  /** No slot keeps to the car's limits; `possible` tells whether one would if nobody else had any. */
  unmatched(negotiation: Negotiation, whyNever: string | undefined): void;
  /** The request, or another of the car's, has a booking. */
  booked(negotiation: Negotiation, booking: Booking): void;
  /** Redis, the database or the price is away. */
  failed(negotiation: Negotiation): void;
}

export interface MatchmakerOptions {
  maxCars: number;
  budgetMs: number;
  holdMs: number;
  travel: Travel;
}

/** When nobody has come for so long, the herd is there. */
const LULL_MS = 10;
/** A herd is waited for no longer than this. */
const MAX_WINDOW_MS = 100;
/** Stations and plugs that a car considers. */
const CANDIDATES = 16;
/** Offers besides the first. */
const ALTERNATIVES = 4;
/** Trials of the search a car, where time allows: more hardly improves the outcome. */
const TRIALS_PER_CAR = 200;
const QUADRATIC_PER_HOUR = 0.02;
/** How often cars whose slot was taken at the last moment are matched again. */
const MAX_ROUNDS = 5;

/**
 * Matches those together that ask at about the same time. The window is as long as the herd makes it: a request that
 * comes alone waits for nothing; when more come, they are gathered until there is a lull.
 */
export class Matchmaker implements AsyncDisposable {
  readonly #options: MatchmakerOptions;
  readonly #database: Database;
  readonly #stations: OpenStations;
  readonly #book: SlotBook;
  readonly #turn: MatchingTurn;
  readonly #parties: MatchedParties;
  readonly #runtime: Runtime;
  readonly #metrics: BookingMetrics;
  #waiting: Negotiation[] = [];
  #lastBatch = 0;
  #running: Promise<void> | undefined;

  constructor(
    parts: {
      database: Database;
      stations: OpenStations;
      book: SlotBook;
      turn: MatchingTurn;
      parties: MatchedParties;
      metrics: BookingMetrics;
    },
    options: MatchmakerOptions,
    runtime: Runtime,
  ) {
    this.#options = options;
    this.#database = parts.database;
    this.#stations = parts.stations;
    this.#book = parts.book;
    this.#turn = parts.turn;
    this.#parties = parts.parties;
    this.#metrics = parts.metrics;
    this.#runtime = runtime;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a negotiation whose standing is "matching". What comes of it, its parties are told. */
  submit(negotiation: Negotiation): void {
    this.#waiting.push(negotiation);
    this.#running ??= this.#run();
  }

  /** Resolves when everything that was taken has been matched. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    await nextTurn();
    while (this.#waiting.length > 0) {
      await this.#gather();
      const batch = this.#waiting.splice(0, this.#options.maxCars);
      this.#lastBatch = batch.length;
      await this.#match(batch.filter(({ standing }) => standing.kind === "matching"));
    }
    this.#running = undefined;
  }

  async #gather(): Promise<void> {
    if (this.#waiting.length === 1 && this.#lastBatch <= 1) return;
    const untilMs = performance.now() + MAX_WINDOW_MS;
    for (let count = -1; count < this.#waiting.length && performance.now() < untilMs; ) {
      if (this.#waiting.length >= this.#options.maxCars) return;
      count = this.#waiting.length;
      await sleep(LULL_MS);
    }
  }

  async #match(batch: Negotiation[]): Promise<void> {
    if (batch.length === 0) return;
    const endTimer = this.#metrics.matchSeconds.startTimer();
    this.#metrics.matchedTogether.observe(batch.length);
    try {
      await using _ = await this.#turn.take();
      let left = await this.#withoutBookings(batch);
      for (let round = 0; left.length > 0 && round < MAX_ROUNDS; round++) left = await this.#matchOnce(left);
      for (const negotiation of left) this.#parties.failed(negotiation);
    } catch (err) {
      this.#runtime.logger.warn({ err, requests: batch.length }, "requests could not be matched");
      for (const negotiation of batch) {
        if (negotiation.standing.kind === "matching") this.#parties.failed(negotiation);
      }
    }
    endTimer();
  }

  /** Answers those who have a booking. @returns the others */
  async #withoutBookings(batch: Negotiation[]): Promise<Negotiation[]> {
    const asked = batch.map(({ request: { carId, requestId } }) => ({ carId, requestId }));
    const bookings = await bookingsOfRequests(this.#database, asked);
    return batch.filter((negotiation, n) => {
      const booking = bookings[n];
      if (booking !== undefined) this.#parties.booked(negotiation, booking);
      return booking === undefined;
    });
  }

  /** @returns those whose slot somebody else took meanwhile */
  async #matchOnce(batch: Negotiation[]): Promise<Negotiation[]> {
    const requests = batch.map(({ request }) => request);
    const open = await this.#stations.forRequests(requests);
    const untilMs = performance.now() + this.#options.budgetMs;
    const { matches, unmatched } = matchHerd(requests, open, {
      nowMs: this.#runtime.clock.nowMs(),
      travel: this.#options.travel,
      candidates: CANDIDATES,
      quadraticPerHour: QUADRATIC_PER_HOUR,
      trials: TRIALS_PER_CAR * requests.length,
      mayGoOn: () => performance.now() < untilMs,
      alternatives: ALTERNATIVES,
      seed: 1,
    });
    const negotiationOf = new Map(batch.map((negotiation) => [negotiation.request, negotiation]));
    for (const request of unmatched) {
      const negotiation = negotiationOf.get(request);
      if (negotiation !== undefined)
        this.#parties.unmatched(
          negotiation,
          whyNever(request, open, this.#options.travel, this.#runtime.clock.nowMs()),
        );
    }
    return this.#hold(matches, negotiationOf);
  }

  /** Holds the slot of each match. @returns those whose slot somebody else took meanwhile */
  async #hold(matches: Match[], negotiationOf: Map<ChargeRequest, Negotiation>): Promise<Negotiation[]> {
    const wanted = matches.flatMap((match) => {
      const negotiation = negotiationOf.get(match.request);
      return negotiation?.standing.kind === "matching" ? [{ match, negotiation, offerId: randomUUID() }] : [];
    });
    const byStation = Map.groupBy(wanted, ({ match }) => match.connector.stationId);
    const lost: Negotiation[] = [];
    await Promise.all(
      [...byStation].map(async ([stationId, own]) => {
        const holds = own.map(({ match: { connector, startMs, endMs }, offerId }) => ({
          id: offerId,
          slot: { connectorId: connector.connectorId, startMs, endMs },
        }));
        const outcomes = await this.#book.slots.hold(stationId, holds, this.#options.holdMs);
        own.forEach(({ match, negotiation, offerId }, n) => {
          if (outcomes[n]?.kind === "held") this.#offer(negotiation, match, offerId);
          else lost.push(negotiation);
        });
      }),
    );
    this.#metrics.slotsLost.inc(lost.length);
    return lost;
  }

  #offer(negotiation: Negotiation, match: Match, offerId: string): void {
    const expiresAtMs = this.#runtime.clock.nowMs() + this.#options.holdMs;
    const others = match.alternatives.map((option: ChargeOption) => {
      return { offerId: randomUUID(), option, holds: false, expiresAtMs };
    });
    this.#parties.offered(negotiation, [{ offerId, option: match, holds: true, expiresAtMs }, ...others]);
  }
}
