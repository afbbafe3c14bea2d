import {
  type AcceptOffer__Output,
  type ChargeRequest__Output,
  type CounterOffer__Output,
  chargeRequestFault,
  type DeclineOffers__Output,
  type EngineMessage,
  RefusalReason,
} from "@greenlane/contracts";
import type { ChargeRequest } from "@greenlane/domain";
import type { Slot } from "@greenlane/redis";
import type { Runtime } from "@greenlane/runtime";
import { type Booking, type Database, findBookingOfRequest, type MoveBookingOutcome } from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import { asRequest } from "./chargeRequests.ts";
import type { Confirmations, Confirmed } from "./confirmations.ts";
import { countered } from "./counter.ts";
import { busyRefusal, type EngineMessages, nameOf, refusal, waitlisted } from "./engineMessages.ts";
import type { MatchingTurn } from "./matchingTurn.ts";
import { type MatchedParties, Matchmaker, type MatchmakerOptions } from "./matchmaker.ts";
import { digestOf, type Negotiation, Negotiations, type Standing, type StandingOffer } from "./negotiation.ts";
import type { OpenStations } from "./openStations.ts";
import type { Parties, Party } from "./parties.ts";
import type { Relocations } from "./relocations.ts";
import type { SlotBook } from "./slotBook.ts";
import type { StationDirectory } from "./stationDirectory.ts";
import { Waitlist } from "./waitlist.ts";

export interface EngineOptions extends MatchmakerOptions {
  maxRounds: number;
  maxNegotiations: number;
}

/** How long the answer to a request is remembered once nothing more comes of it. */
const REMEMBERED_MS = 60_000;
/** When those come again who were refused for want of room: spread over so long, so that they don't come as one. */
const RETRY_AFTER_MS = { min: 1_000, max: 5_000 };
const SWEEP_MS = 1_000;
/** How often those in line try again, though nothing was given back. */
const REVISE_MS = 10_000;
/** Of those in line so many try at once. */
const REVISED_AT_ONCE = 200;

/** What the engine is made of. */
export interface EngineParts {
  database: Database;
  directory: StationDirectory;
  stations: OpenStations;
  book: SlotBook;
  turn: MatchingTurn;
  parties: Parties;
  messages: EngineMessages;
  confirmations: Confirmations;
  relocations: Relocations;
  metrics: BookingMetrics;
}

/** A call that a car did not ask for. */
export interface Invitation {
  why: string;
  /** The booking that it would move, when it is about a better slot. */
  replaces: Booking | undefined;
}

const NOT_INVITED: Invitation = { why: "", replaces: undefined };

/** Negotiates: takes what cars say, and tells them what comes of it. */
export class Engine implements MatchedParties, AsyncDisposable {
  readonly #negotiations = new Negotiations();
  readonly #waitlist = new Waitlist();
  readonly #parts: EngineParts;
  readonly #options: EngineOptions;
  readonly #runtime: Runtime;
  readonly #matchmaker: Matchmaker;
  readonly #sweeping: NodeJS.Timeout;
  #revisedAtMs = 0;

  constructor(parts: EngineParts, options: EngineOptions, runtime: Runtime) {
    this.#parts = parts;
    this.#options = options;
    this.#runtime = runtime;
    this.#matchmaker = new Matchmaker({ ...parts, parties: this }, options, runtime);
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  get openNegotiations(): number {
    return this.#negotiations.size;
  }

  get waiting(): number {
    return this.#matchmaker.waiting;
  }

  /** A car asks for energy. */
  request(wire: ChargeRequest__Output, party: Party) {
    const of = { requestId: wire.request_id, carId: wire.car_id };
    const fault = chargeRequestFault(wire);
    if (fault !== null) return this.#tell(party, invalid(of, fault));
    this.ask(asRequest(wire, this.#runtime.clock.nowMs()), party);
  }

  /** The same, of a request that breaks no rule. */
  ask(request: ChargeRequest, party: Party) {
    const digest = digestOf(request);
    const known = this.#negotiations.find(request.carId, request.requestId);
    if (known !== undefined) {
      if (known.digest !== digest) return this.#tell(party, otherContent(request));
      known.party = party;
      return this.#answerAgain(known);
    }
    if (this.#negotiations.size >= this.#options.maxNegotiations) return this.#tell(party, this.#overloaded(request));
    const former = this.#negotiations.ofCar(request.carId);
    if (former !== undefined) this.#withdraw(former);
    const negotiation = this.#open(request, digest, party, NOT_INVITED);
    this.#matchmaker.submit(negotiation);
  }

  /** Whether something is under way with a car already. */
  negotiatesWith(carId: string): boolean {
    const negotiation = this.#negotiations.ofCar(carId);
    return negotiation !== undefined && isUnderWay(negotiation, this.#runtime.clock.nowMs());
  }

  /** Offers a car a slot that it did not ask for, and that is held for it. @returns false when it negotiates already */
  invite(request: ChargeRequest, offer: StandingOffer, party: Party, invitation: Invitation): boolean {
    if (this.negotiatesWith(request.carId)) return false;
    this.offered(this.#open(request, digestOf(request), party, invitation), [offer]);
    return true;
  }

  accept({ car_id, request_id, offer_id }: AcceptOffer__Output, party: Party) {
    const of = { requestId: request_id, carId: car_id };
    const negotiation = this.#negotiations.find(car_id, request_id);
    if (negotiation === undefined) return void this.#acceptUnknown(of, party);
    negotiation.party = party;
    const { standing } = negotiation;
    if (standing.kind === "booked") return this.#answerAgain(negotiation);
    if (standing.kind === "confirming" || standing.kind === "matching") return;
    const offer = standing.kind === "offered" ? standing.offers.find(({ offerId }) => offerId === offer_id) : undefined;
    if (standing.kind !== "offered" || offer === undefined)
      return this.#tell(party, refusal(of, RefusalReason.GONE, "there is no such offer, or no longer"));
    if (offer.expiresAtMs <= this.#runtime.clock.nowMs()) {
      if (negotiation.invitation !== "") return this.#tell(party, refusal(of, RefusalReason.GONE, "it has expired"));
      return this.#rematch(negotiation, "the offer had expired");
    }
    void this.#book(negotiation, standing.offers, offer);
  }

  decline({ car_id, request_id }: DeclineOffers__Output, party: Party) {
    const negotiation = this.#negotiations.find(car_id, request_id);
    if (negotiation === undefined || !isUnderWay(negotiation)) {
      const of = { requestId: request_id, carId: car_id };
      return this.#tell(party, refusal(of, RefusalReason.GONE, "there is nothing to decline"));
    }
    this.#withdraw(negotiation);
  }

  counter({ car_id, request_id, wish }: CounterOffer__Output, party: Party) {
    const of = { requestId: request_id, carId: car_id };
    const negotiation = this.#negotiations.find(car_id, request_id);
    if (negotiation?.standing.kind !== "offered")
      return this.#tell(party, refusal(of, RefusalReason.GONE, "there is nothing to counter"));
    negotiation.party = party;
    if (negotiation.roundsLeft === 0)
      return this.#tell(party, refusal(of, RefusalReason.NO_OPTION, "no rounds are left; accept or decline"));
    negotiation.roundsLeft--;
    const { offers } = negotiation.standing;
    const within = (km: number) => this.#parts.directory.within(negotiation.request.at, km, this.#options.travel);
    const request = countered(negotiation.request, wish, offers, within);
    if (request === undefined) {
      negotiation.message = "there is nothing like that; these are as before";
      return this.#answerAgain(negotiation);
    }
    negotiation.before ??= negotiation.request;
    negotiation.request = request;
    this.#rematch(negotiation, "");
  }

  /** Time on connectors has become free: those in line get it. */
  slotsFreed(): void {
    for (const negotiation of this.#waitlist.take(REVISED_AT_ONCE)) {
      negotiation.standing = { kind: "matching" };
      this.#matchmaker.submit(negotiation);
    }
  }

  offered(negotiation: Negotiation, offers: StandingOffer[]) {
    if (!this.#isCurrent(negotiation)) return this.#releaseHolds(offers);
    this.#stand(negotiation, { kind: "offered", offers });
    this.#tell(negotiation.party, this.#parts.messages.offers(negotiation, offers));
    negotiation.message = "";
  }

  unmatched(negotiation: Negotiation, never: string | undefined) {
    if (!this.#isCurrent(negotiation)) return;
    const { before, request } = negotiation;
    if (before !== undefined) {
      negotiation.request = before;
      negotiation.before = undefined;
      return this.#rematch(negotiation, "there is nothing like that; these are as before");
    }
    if (never !== undefined) return this.#refuse(negotiation, refusal(request, RefusalReason.NO_OPTION, never));
    const wasTold = negotiation.isInLine;
    negotiation.isInLine = true;
    this.#stand(negotiation, { kind: "waitlisted" });
    const place = this.#waitlist.add(negotiation);
    if (!wasTold) this.#tell(negotiation.party, waitlisted(request, place));
  }

  booked(negotiation: Negotiation, booking: Booking) {
    if (!this.#isCurrent(negotiation)) return;
    const { request, digest } = negotiation;
    if (booking.requestId !== request.requestId) return this.#refuse(negotiation, busyRefusal(request, booking));
    if (booking.requestDigest !== digest) return this.#refuse(negotiation, otherContent(request));
    this.#tellBooked(negotiation, booking);
  }

  failed(negotiation: Negotiation) {
    if (this.#isCurrent(negotiation)) this.#refuse(negotiation, this.#unavailable(negotiation.request));
  }

  #open(request: ChargeRequest, digest: string, party: Party, { why, replaces }: Invitation): Negotiation {
    const negotiation: Negotiation = {
      request,
      before: undefined,
      digest,
      party,
      roundsLeft: this.#options.maxRounds,
      invitation: why,
      replaces,
      standing: { kind: "matching" },
      isInLine: false,
      touchedAtMs: this.#runtime.clock.nowMs(),
      message: "",
    };
    this.#negotiations.add(negotiation);
    return negotiation;
  }

  /** Whether it has not been withdrawn while it was being matched. */
  #isCurrent({ request, standing }: Negotiation): boolean {
    return standing.kind === "matching" && this.#negotiations.find(request.carId, request.requestId) !== undefined;
  }

  #stand(negotiation: Negotiation, standing: Standing): void {
    negotiation.standing = standing;
    negotiation.touchedAtMs = this.#runtime.clock.nowMs();
  }

  /** Books an offer: at most one of a request's, and what else is held is released. */
  async #book(negotiation: Negotiation, offers: StandingOffer[], offer: StandingOffer): Promise<void> {
    this.#stand(negotiation, { kind: "confirming" });
    const { request } = negotiation;
    const outcome = await this.#decide(negotiation, offer);
    const isBooked = outcome.kind === "confirmed" || outcome.kind === "moved";
    this.#releaseHolds(offers.filter((other) => other !== offer || !isBooked));
    if (isBooked || outcome.kind === "repeated") this.#tellBooked(negotiation, outcome.booking);
    else if (outcome.kind === "gone")
      this.#refuse(negotiation, refusal(request, RefusalReason.GONE, "the booking is over, or was moved"));
    else if (outcome.kind === "busy") this.#refuse(negotiation, busyRefusal(request, outcome.booking));
    else if (outcome.kind === "taken" && negotiation.replaces !== undefined)
      this.#refuse(negotiation, refusal(request, RefusalReason.GONE, "somebody else had the slot; the booking stands"));
    else if (outcome.kind === "taken") {
      this.#parts.metrics.slotsLost.inc();
      this.#rematch(negotiation, "somebody else had the slot");
    } else this.#refuse(negotiation, this.#unavailable(request));
  }

  /** Lets the database decide on an offer: a new booking, or a better slot for the one that the car has. */
  async #decide(negotiation: Negotiation, offer: StandingOffer): Promise<Confirmed | MoveBookingOutcome> {
    const { request, digest, replaces } = negotiation;
    const { option, offerId, holds } = offer;
    const { stationId, connectorId } = option.connector;
    const slot = { connectorId, startMs: option.startMs, endMs: option.endMs };
    if (!holds && !(await this.#holdNow(stationId, { id: offerId, slot }))) return { kind: "taken" };
    if (replaces !== undefined) {
      return this.#parts.relocations
        .moveTo(replaces, option, offerId, "a sooner slot had become free")
        .catch((err: unknown) => {
          this.#runtime.logger.warn({ err }, "a booking could not be moved");
          return { kind: "unknown" };
        });
    }
    return this.#parts.confirmations.confirm({
      bookingId: offerId,
      requestId: request.requestId,
      carId: request.carId,
      stationId,
      ...slot,
      kwh: option.kwh,
      pricePerKwh: option.pricePerKwh,
      request,
      requestDigest: digest,
    });
  }

  async #holdNow(stationId: string, hold: { id: string; slot: Slot }): Promise<boolean> {
    try {
      const [outcome] = await this.#parts.book.slots.hold(stationId, [hold], this.#options.holdMs);
      return outcome?.kind === "held";
    } catch (err) {
      this.#runtime.logger.warn({ err, stationId }, "Redis did not hold a slot");
      return false;
    }
  }

  /** An acceptance that this process knows nothing of: another may have booked it. */
  async #acceptUnknown(of: { requestId: string; carId: string }, party: Party): Promise<void> {
    const { database, messages } = this.#parts;
    try {
      const booking = await findBookingOfRequest(database, of.carId, of.requestId);
      if (booking === undefined)
        return this.#tell(party, refusal(of, RefusalReason.GONE, "there is no such offer, or no longer"));
      this.#tell(party, { kind: "booking", booking: messages.booking(booking) });
    } catch (err) {
      this.#runtime.logger.warn({ err }, "the database did not answer");
      this.#tell(party, this.#unavailable(of));
    }
  }

  #rematch(negotiation: Negotiation, message: string): void {
    const { standing } = negotiation;
    if (standing.kind === "offered") this.#releaseHolds(standing.offers);
    negotiation.message = message;
    this.#stand(negotiation, { kind: "matching" });
    this.#matchmaker.submit(negotiation);
  }

  #answerAgain(negotiation: Negotiation): void {
    const { standing, request, party } = negotiation;
    const { messages } = this.#parts;
    if (standing.kind === "booked") this.#tell(party, { kind: "booking", booking: messages.booking(standing.booking) });
    else if (standing.kind === "refused") this.#rematch(negotiation, "");
    else if (standing.kind === "waitlisted")
      this.#tell(party, waitlisted(request, this.#waitlist.placeOf(negotiation)));
    else if (standing.kind === "offered") {
      const nowMs = this.#runtime.clock.nowMs();
      if (standing.offers.every(({ expiresAtMs }) => expiresAtMs <= nowMs)) this.#rematch(negotiation, "");
      else this.#tell(party, messages.offers(negotiation, standing.offers));
    }
  }

  /** Ends a negotiation that the car no longer wants. */
  #withdraw(negotiation: Negotiation): void {
    if (negotiation.standing.kind === "confirming") return; // its booking decides
    if (negotiation.standing.kind === "offered") this.#releaseHolds(negotiation.standing.offers);
    this.#waitlist.remove(negotiation);
    this.#negotiations.delete(negotiation);
  }

  #releaseHolds(offers: readonly StandingOffer[]): void {
    const held = offers.filter(({ holds }) => holds);
    if (held.length === 0) return;
    const slots = held.map(({ offerId, option }) => ({ bookingId: offerId, stationId: option.connector.stationId }));
    void this.#parts.book.release(slots);
  }

  #tellBooked(negotiation: Negotiation, booking: Booking): void {
    this.#stand(negotiation, { kind: "booked", booking });
    const message = this.#parts.messages.booking(booking);
    this.#parts.parties.isNews(message); // so that the event of it is none
    this.#tell(negotiation.party, { kind: "booking", booking: message });
  }

  #refuse(negotiation: Negotiation, message: EngineMessage): void {
    this.#stand(negotiation, { kind: "refused" });
    this.#tell(negotiation.party, message);
  }

  #tell(party: Party, message: EngineMessage): void {
    this.#parts.metrics.answers.inc({ answer: nameOf(message) });
    party.tell(message);
  }

  #overloaded(of: { requestId: string; carId: string }): EngineMessage {
    const message = "too many negotiations are under way";
    return refusal(of, RefusalReason.OVERLOADED, message, { retry_after_ms: spreadRetryMs() });
  }

  #unavailable(of: { requestId: string; carId: string }): EngineMessage {
    const retryMs = spreadRetryMs();
    const message = `the engine is being put in order; try again in ${Math.ceil(retryMs / 1_000)} s`;
    return refusal(of, RefusalReason.UNAVAILABLE, message, { retry_after_ms: retryMs });
  }

  /** Forgets what has ended, and lets those in line try again now and then: prices and free time change by themselves. */
  #sweep(): void {
    const nowMs = this.#runtime.clock.nowMs();
    for (const negotiation of this.#negotiations.all()) {
      const { standing, request, touchedAtMs } = negotiation;
      if (standing.kind === "waitlisted" && request.latestMs <= nowMs) {
        this.#waitlist.remove(negotiation);
        this.#refuse(negotiation, refusal(request, RefusalReason.NO_OPTION, "no slot has become free in time"));
      } else if (!isUnderWay(negotiation, nowMs) && touchedAtMs + REMEMBERED_MS < nowMs) {
        this.#negotiations.delete(negotiation);
      }
    }
    if (nowMs - this.#revisedAtMs >= REVISE_MS) {
      this.#revisedAtMs = nowMs;
      this.slotsFreed();
    }
  }

  /** Resolves when what was asked is matched, and what was accepted is decided. */
  async settled(): Promise<void> {
    await this.#matchmaker[Symbol.asyncDispose]();
    await this.#parts.confirmations[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeping);
    await this.settled();
  }
}

/** Whether something may still come of it; offers, until they expire. */
function isUnderWay({ standing }: Negotiation, nowMs?: number): boolean {
  if (standing.kind === "offered")
    return nowMs === undefined || standing.offers.some(({ expiresAtMs }) => expiresAtMs > nowMs);
  return standing.kind !== "booked" && standing.kind !== "refused";
}

function invalid(of: { requestId: string; carId: string }, fault: string): EngineMessage {
  return refusal(of, RefusalReason.INVALID, fault, { field: fault.slice(0, fault.indexOf(" ")) });
}

const otherContent = (request: ChargeRequest): EngineMessage =>
  refusal(request, RefusalReason.CONFLICT, "request_id stands for other content; a new wish needs a new one");

/** Those who are refused together do not come back together. */
function spreadRetryMs(): number {
  const { min, max } = RETRY_AFTER_MS;
  return Math.round(min + Math.random() * (max - min));
}
