import {
  type AcceptOffer__Output,
  type ChargeRequest__Output,
  type CounterOffer__Output,
  chargeRequestFault,
  type DeclineOffers__Output,
  type EngineMessage__Output,
} from "@greenlane/contracts";
import type { ChargeRequest, Travel } from "@greenlane/domain";
import type { Runtime } from "@greenlane/runtime";
import { type Booking, type Database, findBookingOfRequest } from "@greenlane/timescale";
import type { Acceptance, Decision } from "./acceptance.ts";
import type { BookingMetrics } from "./bookingMetrics.ts";
import { asRequest } from "./chargeRequests.ts";
import { countered } from "./counter.ts";
import { type EngineMessages, nameOf, waitlisted } from "./engineMessages.ts";
import { digestOf, type Negotiation, Negotiations, type Standing, type StandingOffer } from "./negotiation.ts";
import type { Parties, Party } from "./parties.ts";
import { busy, type Concerned, gone, invalid, noOption, otherContent, overloaded, unavailable } from "./refusals.ts";
import type { StationDirectory } from "./stationDirectory.ts";
import type { Unbooked } from "./unbooked.ts";
import { Waitlist } from "./waitlist.ts";
import type { MatchAnswer } from "./wish.ts";
import type { ZoneMatching } from "./zoneMatching.ts";

export interface EngineOptions {
  travel: Travel;
  maxRounds: number;
  maxNegotiations: number;
}

/** How long the answer to a request is remembered once nothing more comes of it. */
const REMEMBERED_MS = 60_000;
const SWEEP_MS = 1_000;
/** How often others of those in line try again, though nothing was given back, and how many. */
const REVISE_MS = 2_000;
const REVISED_AT_ONCE = 200;
/** So many of those in line try beside somebody who comes new, so often at the most. */
const BESIDE_NEWCOMERS = 20;
const BESIDE_NEWCOMERS_MS = 100;
/** A car whose slot was somebody else's so often is told to come again later. */
const MAX_LOSSES = 5;

/** What the engine is made of. */
export interface EngineParts {
  database: Database;
  directory: StationDirectory;
  matching: ZoneMatching;
  acceptance: Acceptance;
  unbooked: Unbooked;
  parties: Parties;
  messages: EngineMessages;
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
export class Engine implements AsyncDisposable {
  readonly #negotiations = new Negotiations();
  readonly #waitlist = new Waitlist();
  readonly #parts: EngineParts;
  readonly #options: EngineOptions;
  readonly #runtime: Runtime;
  readonly #sweeping: NodeJS.Timeout;
  /** What is being decided or looked up. */
  readonly #pending = new Set<Promise<void>>();
  #turns = 0;
  #revisedAtMs = 0;
  #besideAtMs = 0;
  #forgottenAtMs = 0;

  constructor(parts: EngineParts, options: EngineOptions, runtime: Runtime) {
    this.#parts = parts;
    this.#options = options;
    this.#runtime = runtime;
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** Under way, or lately ended. */
  get openNegotiations(): number {
    return this.#negotiations.size;
  }

  get waiting(): number {
    return this.#parts.matching.waiting;
  }

  /** A car asks for energy. */
  request(wire: ChargeRequest__Output, party: Party): void {
    const fault = chargeRequestFault(wire);
    if (fault !== null) this.#tell(party, invalid({ requestId: wire.request_id, carId: wire.car_id }, fault));
    else this.ask(asRequest(wire, this.#runtime.clock.nowMs()), digestOf(wire), party);
  }

  /** The same, of a request that breaks no rule. @param digest of what the client said */
  ask(request: ChargeRequest, digest: string, party: Party) {
    const known = this.#negotiations.find(request.carId, request.requestId);
    if (known !== undefined) {
      if (known.digest !== digest) return this.#tell(party, otherContent(request));
      known.party = party;
      return this.#answerAgain(known);
    }
    if (!this.#hasRoom()) return this.#tell(party, overloaded(request));
    const former = this.#negotiations.ofCar(request.carId);
    if (former !== undefined) this.#withdraw(former);
    this.#letTheLineTry();
    this.#match(this.#open(request, digest, party, NOT_INVITED));
  }

  /** Whether something is under way with a car already. */
  negotiatesWith(carId: string): boolean {
    const negotiation = this.#negotiations.ofCar(carId);
    return negotiation !== undefined && this.#isUnderWay(negotiation);
  }

  /** Offers a car a slot that it did not ask for, and that is held for it. @returns false when it negotiates already */
  invite(request: ChargeRequest, offer: StandingOffer, party: Party, invitation: Invitation): boolean {
    if (this.negotiatesWith(request.carId) || !this.#hasRoom()) return false;
    this.#offered(this.#open(request, digestOf(request), party, invitation), [offer]);
    return true;
  }

  /** The car speaks on another stream now. */
  reachedBy(carId: string, party: Party): void {
    const negotiation = this.#negotiations.ofCar(carId);
    if (negotiation?.party.isOver) negotiation.party = party;
  }

  accept({ car_id, request_id, offer_id }: AcceptOffer__Output, party: Party) {
    const of = { requestId: request_id, carId: car_id };
    const negotiation = this.#negotiations.find(car_id, request_id);
    if (negotiation === undefined) return this.#tellOfBooking(of, party);
    negotiation.party = party;
    const { standing } = negotiation;
    if (standing.kind === "booked") return this.#tellOfBooking(of, party);
    if (standing.kind === "confirming" || standing.kind === "matching") return;
    const offer = standing.kind === "offered" ? standing.offers.find(({ offerId }) => offerId === offer_id) : undefined;
    if (standing.kind !== "offered" || offer === undefined) return this.#tell(party, gone(of));
    if (offer.expiresAtMs <= this.#runtime.clock.nowMs()) {
      if (negotiation.invitation !== "") return this.#tell(party, gone(of, "it has expired"));
      return this.#rematch(negotiation, "the offer had expired");
    }
    this.#stand(negotiation, { kind: "confirming" });
    const decided = this.#parts.acceptance.decide(negotiation, standing.offers, offer);
    this.track(decided.then((decision) => this.#decided(negotiation, offer, decision)));
  }

  decline({ car_id, request_id }: DeclineOffers__Output, party: Party): void {
    const negotiation = this.#negotiations.find(car_id, request_id);
    if (negotiation !== undefined && this.#isUnderWay(negotiation)) this.#withdraw(negotiation);
    else this.#tell(party, gone({ requestId: request_id, carId: car_id }, "there is nothing to decline"));
  }

  counter({ car_id, request_id, wish }: CounterOffer__Output, party: Party) {
    const of = { requestId: request_id, carId: car_id };
    const negotiation = this.#negotiations.find(car_id, request_id);
    if (negotiation?.standing.kind !== "offered") return this.#tell(party, gone(of, "there is nothing to counter"));
    negotiation.party = party;
    if (negotiation.replaces !== undefined)
      return this.#tell(party, noOption(of, "it is this slot, or the one that is booked"));
    if (negotiation.roundsLeft === 0) return this.#tell(party, noOption(of, "no rounds are left; accept or decline"));
    negotiation.roundsLeft--;
    const { offers } = negotiation.standing;
    const within = (km: number) => this.#parts.directory.within(negotiation.request.at, km, this.#options.travel);
    const request = countered(negotiation.request, wish, offers, within);
    if (request === undefined) {
      negotiation.message = NOTHING_LIKE_THAT;
      return this.#answerAgain(negotiation);
    }
    negotiation.before = negotiation.request;
    negotiation.request = request;
    this.#rematch(negotiation, "");
  }

  /** Time on connectors has become free: those who have stood in line longest get it. */
  slotsFreed(): void {
    for (const negotiation of this.#waitlist.takeOldest(REVISED_AT_ONCE)) this.#match(negotiation);
  }

  /** Work that is to be done before a stop. */
  track(work: Promise<void>): void {
    const pending = work
      .catch((err: unknown) => this.#runtime.logger.error({ err }, "a car's message could not be dealt with"))
      .finally(() => this.#pending.delete(pending));
    this.#pending.add(pending);
  }

  #open(request: ChargeRequest, digest: string, party: Party, { why, replaces }: Invitation): Negotiation {
    const negotiation: Negotiation = {
      request,
      before: undefined,
      digest,
      turn: ++this.#turns,
      party,
      roundsLeft: this.#options.maxRounds,
      invitation: why,
      replaces,
      standing: { kind: "refused" },
      isInLine: false,
      rejectedFor: "",
      losses: 0,
      touchedAtMs: this.#runtime.clock.nowMs(),
      message: "",
    };
    this.#negotiations.add(negotiation);
    return negotiation;
  }

  #stand(negotiation: Negotiation, standing: Standing): void {
    negotiation.standing = standing;
    negotiation.touchedAtMs = this.#runtime.clock.nowMs();
  }

  /** Has a request matched, and hears what comes of it. */
  #match(negotiation: Negotiation): void {
    const matching: Standing = { kind: "matching" };
    this.#stand(negotiation, matching);
    const stillWanted = () => negotiation.standing === matching && this.#negotiations.has(negotiation);
    this.#parts.matching.submit({
      request: negotiation.request,
      stillWanted,
      answer: (answer) => {
        if (stillWanted()) this.#matched(negotiation, answer);
        else if (answer.kind === "offered") this.#parts.acceptance.release(answer.offers);
      },
    });
  }

  #rematch(negotiation: Negotiation, message: string): void {
    const { standing } = negotiation;
    if (standing.kind === "offered") this.#parts.acceptance.release(standing.offers);
    negotiation.message = message;
    this.#match(negotiation);
  }

  #matched(negotiation: Negotiation, answer: MatchAnswer): void {
    if (answer.kind === "offered") this.#offered(negotiation, answer.offers);
    else if (answer.kind === "unmatched") this.#unmatched(negotiation, answer.whyNever);
    else if (answer.kind === "booked") this.#hasBooking(negotiation, answer.booking);
    else this.#refuse(negotiation, unavailable(negotiation.request));
  }

  #offered(negotiation: Negotiation, offers: StandingOffer[]): void {
    this.#stand(negotiation, { kind: "offered", offers });
    this.#tell(negotiation.party, this.#parts.messages.offers(negotiation, offers));
    negotiation.before = undefined;
    negotiation.message = "";
  }

  #unmatched(negotiation: Negotiation, whyNever: string) {
    const { before, request } = negotiation;
    if (before !== undefined) {
      negotiation.request = before;
      negotiation.before = undefined;
      return this.#rematch(negotiation, NOTHING_LIKE_THAT);
    }
    if (whyNever !== "") return this.#reject(negotiation, whyNever);
    this.#stand(negotiation, { kind: "waitlisted" });
    const place = this.#waitlist.add(negotiation);
    if (negotiation.isInLine) return;
    negotiation.isInLine = true;
    this.#tell(negotiation.party, waitlisted(request, place));
  }

  /** The request, or another of the car's, has a booking already. */
  #hasBooking(negotiation: Negotiation, booking: Booking): void {
    const { request, digest } = negotiation;
    if (booking.requestId !== request.requestId) this.#refuse(negotiation, busy(request, booking));
    else if (booking.requestDigest !== digest) this.#refuse(negotiation, otherContent(request));
    else {
      this.#stand(negotiation, { kind: "booked" });
      this.#tell(negotiation.party, { kind: "booking", booking: this.#parts.messages.booking(booking) });
    }
  }

  /** The database has decided on the offer that was accepted. */
  async #decided(negotiation: Negotiation, offer: StandingOffer, decision: Decision): Promise<void> {
    const { request, replaces } = negotiation;
    switch (decision.kind) {
      case "confirmed":
      case "moved":
        return this.#booked(negotiation, decision.booking);
      case "repeated":
        return this.#hasBooking(negotiation, decision.booking);
      case "busy":
        return this.#refuse(negotiation, busy(request, decision.booking));
      case "gone":
        return this.#refuse(negotiation, gone(request, "the booking is over, or was moved"));
      case "unknown":
        return this.#refuse(negotiation, unavailable(request));
      case "taken":
        this.#parts.metrics.slotsLost.inc();
        if (replaces !== undefined)
          return this.#refuse(negotiation, gone(request, "somebody else had the slot; the booking stands"));
        if (this.#negotiations.ofCar(request.carId) !== negotiation)
          return this.#refuse(negotiation, gone(request, "the car has asked for something else"));
        if (++negotiation.losses >= MAX_LOSSES) return this.#refuse(negotiation, unavailable(request));
        await this.#parts.acceptance.lookAgain(offer.option.connector.stationId);
        return this.#rematch(negotiation, "somebody else had the slot");
    }
  }

  /** Tells of the booking that a request has, as it is now. */
  #tellOfBooking(of: Concerned, party: Party): void {
    const { database, messages } = this.#parts;
    const tell = async () => {
      try {
        const booking = await findBookingOfRequest(database, of.carId, of.requestId);
        if (booking === undefined) this.#tell(party, gone(of));
        else this.#tell(party, { kind: "booking", booking: messages.booking(booking) });
      } catch (err) {
        this.#runtime.logger.warn({ err }, "a booking could not be looked up");
        this.#tell(party, unavailable(of));
      }
    };
    if (this.#pending.size >= this.#options.maxNegotiations) this.#tell(party, overloaded(of));
    else this.track(tell());
  }

  #answerAgain(negotiation: Negotiation): void {
    const { standing, request, party } = negotiation;
    const nowMs = this.#runtime.clock.nowMs();
    if (standing.kind === "booked") this.#tellOfBooking(request, party);
    else if (standing.kind === "refused") this.#rematch(negotiation, "");
    else if (standing.kind === "waitlisted")
      this.#tell(party, waitlisted(request, this.#waitlist.placeOf(negotiation)));
    else if (standing.kind === "offered") {
      if (standing.offers.every(({ expiresAtMs }) => expiresAtMs <= nowMs)) this.#rematch(negotiation, "");
      else this.#tell(party, this.#parts.messages.offers(negotiation, standing.offers));
    }
  }

  /** Ends a negotiation that the car no longer wants. */
  #withdraw(negotiation: Negotiation): void {
    const { standing } = negotiation;
    if (standing.kind === "confirming") return; // its booking decides
    if (standing.kind === "offered") this.#parts.acceptance.release(standing.offers);
    this.#waitlist.remove(negotiation);
    this.#negotiations.delete(negotiation);
  }

  #booked(negotiation: Negotiation, booking: Booking): void {
    this.#stand(negotiation, { kind: "booked" });
    const { messages, parties } = this.#parts;
    const message = messages.booking(booking);
    // The event of it may have come first, or comes after: on the car's own stream it is told once.
    const isTold = !parties.isNews(message) && parties.of(booking.carId) === negotiation.party;
    if (!isTold) this.#tell(negotiation.party, { kind: "booking", booking: message });
  }

  /** There is no slot for it: everybody hears of that, the car on its own stream once. */
  #reject(negotiation: Negotiation, why: string): void {
    const { request, party, rejectedFor } = negotiation;
    this.#refuse(negotiation, noOption(request, why));
    if (rejectedFor === why || party.keepsRefusals) return;
    negotiation.rejectedFor = why;
    const booking_id = this.#parts.unbooked.reject(negotiation, why);
    this.#parts.parties.isNews({ car_id: request.carId, booking_id, version: 1 });
  }

  #refuse(negotiation: Negotiation, message: EngineMessage__Output): void {
    this.#stand(negotiation, { kind: "refused" });
    this.#tell(negotiation.party, message);
  }

  #tell(party: Party, message: EngineMessage__Output): void {
    this.#parts.metrics.answers.inc({ answer: nameOf(message) });
    party.tell(message);
  }

  /** Whether something may still come of it; of offers, until they expire. */
  #isUnderWay({ standing }: Negotiation): boolean {
    if (standing.kind !== "offered") return standing.kind !== "booked" && standing.kind !== "refused";
    const nowMs = this.#runtime.clock.nowMs();
    return standing.offers.some(({ expiresAtMs }) => expiresAtMs > nowMs);
  }

  /** Those who ask anew do not pass those in line: some of these try beside them, and who is older goes first. */
  #letTheLineTry(): void {
    const nowMs = performance.now();
    if (this.#waitlist.size === 0 || nowMs - this.#besideAtMs < BESIDE_NEWCOMERS_MS) return;
    this.#besideAtMs = nowMs;
    for (const negotiation of this.#waitlist.takeOldest(BESIDE_NEWCOMERS)) this.#match(negotiation);
  }

  /** Whether another negotiation can be opened; where there is none, what has ended is forgotten early. */
  #hasRoom(): boolean {
    const isFull = () => this.#negotiations.size >= this.#options.maxNegotiations;
    if (isFull() && performance.now() - this.#forgottenAtMs >= SWEEP_MS) {
      this.#forgottenAtMs = performance.now();
      this.#forgetEnded(0);
    }
    return !isFull();
  }

  #forgetEnded(afterMs: number): void {
    const untilMs = this.#runtime.clock.nowMs() - afterMs;
    for (const negotiation of this.#negotiations.all()) {
      if (negotiation.touchedAtMs <= untilMs && !this.#isUnderWay(negotiation)) this.#negotiations.delete(negotiation);
    }
  }

  /** Forgets what has ended, and lets those in line try again now and then: prices and free time change by themselves. */
  #sweep(): void {
    for (const negotiation of this.#waitlist.takeLate(this.#runtime.clock.nowMs()))
      this.#reject(negotiation, "no slot has become free in time");
    this.#forgetEnded(REMEMBERED_MS);
    if (performance.now() - this.#revisedAtMs < REVISE_MS) return;
    this.#revisedAtMs = performance.now();
    for (const negotiation of this.#waitlist.takeNext(REVISED_AT_ONCE)) this.#match(negotiation);
  }

  /** Resolves when what was asked is matched, and what was accepted is decided. */
  async settled(): Promise<void> {
    await this.#parts.matching.settled();
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeping);
    await this.settled();
  }
}

const NOTHING_LIKE_THAT = "there is nothing like that; these are as before";
