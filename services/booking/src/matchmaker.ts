import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import {
  type ChargeRequest,
  type HerdMatch,
  type Match,
  matchHerd,
  type OpenConnector,
  QUADRATIC_PER_HOUR,
  type Travel,
  whyNever,
} from "@greenlane/domain";
import type { Runtime } from "@greenlane/runtime";
import { bookingsOfRequests, type Database } from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import type { StandingOffer } from "./negotiation.ts";
import type { OpenStations } from "./openStations.ts";
import type { SlotBook } from "./slotBook.ts";
import type { MatchAnswer, Wish } from "./wish.ts";

export interface MatchmakerOptions {
  /** Requests that may wait. */
  maxWaiting: number;
  /** Requests that are matched together at the most. */
  maxCars: number;
  budgetMs: number;
  holdMs: number;
  travel: Travel;
}

/** So many that come within a look are a herd, and the rest of it is worth waiting for: else a request waits for nothing. */
const HERD = 8;
const LOOK_MS = 8;
/** As many in each of so many looks are one, too, however long it was since the last match. */
const MOST_LOOKS = 8;
/** When fewer have come in so many looks in a row, the herd is there. */
const LULLS = 2;
/** A herd is waited for no longer than this. */
const MAX_WINDOW_MS = 150;
/** Stations and plugs that a car considers. */
const CANDIDATES = 16;
/** Offers besides the first, which are not held. */
const ALTERNATIVES = 4;
/** Where so many ask at once, others have them before a car can choose. */
const CROWD = 200;
const ALTERNATIVES_IN_A_CROWD = 1;
/** Trials of the search a car of a herd, where time allows: more hardly improves the outcome. */
const TRIALS_PER_CAR = 100;
/** Of the time since the last search, what the next one may take: else requests that keep coming do nothing but wait for it. */
const SEARCH_SHARE = 1 / 4;
/** How often cars whose slot was taken at the last moment are matched again. */
const MAX_ROUNDS = 5;

/**
 * Matches those together that ask at about the same time. The window is as long as the herd makes it: while it
 * is quiet a request waits for nothing but the match under way; a herd is gathered until there is a lull.
 */
export class Matchmaker implements AsyncDisposable {
  readonly #options: MatchmakerOptions;
  readonly #database: Database;
  readonly #stations: OpenStations;
  readonly #book: SlotBook;
  readonly #runtime: Runtime;
  readonly #metrics: BookingMetrics;
  #waiting: Wish[] = [];
  #running: Promise<void> | undefined;
  #searchedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    parts: {
      database: Database;
      stations: OpenStations;
      book: SlotBook;
      metrics: BookingMetrics;
    },
    options: MatchmakerOptions,
    runtime: Runtime,
  ) {
    this.#options = options;
    this.#database = parts.database;
    this.#stations = parts.stations;
    this.#book = parts.book;
    this.#metrics = parts.metrics;
    this.#runtime = runtime;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a request. What comes of it, it is told. */
  submit(wish: Wish): void {
    if (this.#waiting.length >= this.#options.maxWaiting) wish.answer({ kind: "failed" });
    else {
      this.#waiting.push(wish);
      this.#running ??= this.#run();
    }
  }

  /** What is decided: nothing is held yet. */
  match(
    requests: readonly ChargeRequest[],
    open: readonly OpenConnector[],
    nowMs: number,
    alternatives = ALTERNATIVES,
  ): HerdMatch {
    const isHerd = requests.length >= HERD;
    const startMs = performance.now();
    const untilMs = startMs + Math.min(this.#options.budgetMs, SEARCH_SHARE * (startMs - this.#searchedAtMs));
    const match = matchHerd(requests, open, {
      nowMs,
      travel: this.#options.travel,
      candidates: CANDIDATES,
      quadraticPerHour: QUADRATIC_PER_HOUR,
      trials: isHerd ? TRIALS_PER_CAR * requests.length : 0,
      mayGoOn: () => performance.now() < untilMs,
      alternatives,
      seed: 1,
    });
    if (isHerd) this.#searchedAtMs = performance.now();
    return match;
  }

  /** Resolves when everything that was taken has been matched. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    await nextTurn();
    for (let sinceMs = performance.now(); this.#waiting.length > 0; ) {
      await this.#gather(sinceMs);
      sinceMs = performance.now();
      const batch = this.#waiting.splice(0, this.#options.maxCars);
      await this.#match(batch.filter((wish) => wish.stillWanted()));
    }
    this.#running = undefined;
  }

  /** While a herd comes in, waits for the rest of it. @param sinceMs when the last ones were taken to be matched */
  async #gather(sinceMs: number): Promise<void> {
    const nowMs = performance.now();
    const looks = Math.min(MOST_LOOKS, Math.max(1, (nowMs - sinceMs) / LOOK_MS));
    if (this.#waiting.length < HERD * looks) return;
    const untilMs = nowMs + MAX_WINDOW_MS;
    for (let lulls = 0; lulls < LULLS && performance.now() < untilMs; ) {
      const count = this.#waiting.length;
      if (count >= this.#options.maxCars) return;
      await sleep(LOOK_MS);
      lulls = this.#waiting.length - count < HERD ? lulls + 1 : 0;
    }
  }

  async #match(batch: Wish[]): Promise<void> {
    if (batch.length === 0) return;
    const endTimer = this.#metrics.matchSeconds.startTimer();
    this.#metrics.matchedTogether.observe(batch.length);
    const left = new Set(batch);
    const alternatives = batch.length + this.#waiting.length < CROWD ? ALTERNATIVES : ALTERNATIVES_IN_A_CROWD;
    const settle = (wish: Wish, answer: MatchAnswer) => {
      if (left.delete(wish)) wish.answer(answer);
    };
    try {
      let open = await this.#lookAround(batch, settle);
      for (let round = 0; left.size > 0 && round < MAX_ROUNDS; round++) {
        if (round > 0) open = await this.#stations.forRequests([...left].map(({ request }) => request));
        await this.#matchOnce([...left], open, alternatives, settle);
      }
    } catch (err) {
      this.#runtime.logger.warn({ err, requests: left.size }, "requests could not be matched");
    }
    for (const wish of left) settle(wish, { kind: "failed" });
    endTimer();
  }

  /** Answers those who have a booking. @returns what there is for the others */
  async #lookAround(batch: readonly Wish[], settle: Settle): Promise<OpenConnector[]> {
    const requests = batch.map(({ request }) => request);
    const asked = requests.map(({ carId, requestId }) => ({ carId, requestId }));
    const [bookings, open] = await Promise.all([
      bookingsOfRequests(this.#database, asked),
      this.#stations.forRequests(requests),
    ]);
    batch.forEach((wish, n) => {
      const booking = bookings[n];
      if (booking !== undefined) settle(wish, { kind: "booked", booking });
    });
    return open;
  }

  /** Settles all but those whose slot somebody else took meanwhile. */
  async #matchOnce(
    batch: readonly Wish[],
    open: readonly OpenConnector[],
    alternatives: number,
    settle: Settle,
  ): Promise<void> {
    const requests = batch.map(({ request }) => request);
    const nowMs = this.#runtime.clock.nowMs();
    const { matches, unmatched } = this.match(requests, open, nowMs, alternatives);
    const wishOf = new Map(batch.map((wish) => [wish.request, wish]));
    for (const request of unmatched) {
      const wish = wishOf.get(request);
      const never = whyNever(request, open, this.#options.travel, nowMs) ?? "";
      if (wish !== undefined) settle(wish, { kind: "unmatched", whyNever: never });
    }
    // Counted from before they are held: no offer outlives its hold.
    const expiresAtMs = this.#runtime.clock.nowMs() + this.#options.holdMs;
    for (const { match, offerId } of await this.#hold(matches)) {
      const wish = wishOf.get(match.request);
      if (wish !== undefined) settle(wish, { kind: "offered", offers: offersOf(match, offerId, expiresAtMs) });
    }
  }

  /** Holds the slot of each match. @returns those whose slot nobody else had taken meanwhile */
  async #hold(matches: readonly Match[]): Promise<HeldMatch[]> {
    const wanted = matches.map((match) => ({ match, offerId: randomUUID() }));
    const byStation = Map.groupBy(wanted, ({ match }) => match.connector.stationId);
    const held = await Promise.all(
      [...byStation].map(async ([stationId, own]) => {
        const holds = own.map(({ match: { connector, startMs, endMs }, offerId }) => ({
          id: offerId,
          slot: { connectorId: connector.connectorId, startMs, endMs },
        }));
        const outcomes = await this.#book.slots.hold(stationId, holds, this.#options.holdMs);
        return own.filter((_, n) => outcomes[n]?.kind === "held");
      }),
    );
    const kept = held.flat();
    this.#metrics.slotsLost.inc(wanted.length - kept.length);
    return kept;
  }
}

function offersOf(
  { request: _, alternatives, ...option }: Match,
  offerId: string,
  expiresAtMs: number,
): StandingOffer[] {
  const others = alternatives.map((other) => ({ offerId: randomUUID(), option: other, holds: false, expiresAtMs }));
  return [{ offerId, option, holds: true, expiresAtMs }, ...others];
}

type Settle = (wish: Wish, answer: MatchAnswer) => void;

interface HeldMatch {
  match: Match;
  offerId: string;
}
