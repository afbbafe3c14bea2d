import {
  type Booking__Output,
  type CarMessage,
  type ChargeRequest,
  CounterWish,
  type EngineMessage__Output,
  type Offer__Output,
  type Offers__Output,
  type Refusal__Output,
  RefusalReason,
  WireBookingState,
} from "@greenlane/contracts";
import { distanceKm, type Point } from "@greenlane/domain";

/** What a car has to say to the engine: on its stream, or by a call of its own. */
export type CarWords =
  | { kind: "say"; message: CarMessage }
  | { kind: "cancel"; bookingId: string; reason: string }
  | { kind: "look up"; bookingId: string };

/** A slot that is the car's. */
export interface HeldBooking extends Point {
  bookingId: string;
  stationId: string;
  /** Unix ms. */
  startMs: number;
  endMs: number;
  kwh: number;
  version: number;
  /** How often it has asked for another time. */
  moves: number;
}

/** What a car asks for, as it says it. */
interface Wish extends ChargeRequest {
  request_id: string;
  latitude: number;
  longitude: number;
}

/** How its car is, when the bargainer is to decide. */
export interface Circumstances extends Point {
  batteryPercent: number;
  /** Whether it is plugged in: then it can take no other offer. */
  isCharging: boolean;
  /** How much it needs energy though it did not ask, 0 to 1. */
  need: number;
  /** When it could be at a place, what it is about to do being done first, Unix ms. */
  arrivalMs(place: Point): number;
}

export interface BargainerTraits {
  capacityKwh: number;
  kwhPerKm: number;
  /** How much it asks for at the most, % of its battery. */
  topUpPercent: number;
}

/** It asks for no more than this: above, charging takes long. */
const TARGET_PERCENT = 80;
/** Of those that are offered something so many counter, once, and of the others so many decline. */
const COUNTER_SHARE = 0.15;
const DECLINE_SHARE = 0.05;
/** For how long a car that declined, or for which there was nothing, does not ask again, ms. */
const DECLINED_MS = 20_000;
const NO_OPTION_MS = 30_000;
/** A refusal that tells nothing of when to try again is taken to mean this, ms. */
const AT_LEAST_MS = 1_000;
/** A wish uttered farther from here than this is out of date, km. */
const SAME_PLACE_KM = 0.3;
/** A car that would miss more of its slot than this asks for another time, but not for ever. */
const MISSED_SHARE = 0.2;
const MAX_MOVES = 3;
/** It waits so long at a station at the most, minutes. */
const MAX_WAIT_MINUTES = 120;
/** What an hour is worth to a car, dollars: to one this, to another so much more at the most. */
const VALUE_PER_HOUR = { from: 10, span: 30 };

const RETIRED = "the car is out of service";

type Talk =
  | { kind: "nothing" }
  | { kind: "asking"; request: Wish; isInLine: boolean; hasCountered: boolean }
  /** It asks again then; with the same wish, if there is one. */
  | { kind: "put off"; untilMs: number; request: Wish | undefined }
  /** An invitation has no request of the car's; of one that has a slot it moves the booking. */
  | { kind: "accepting"; requestId: string; offerId: string; request: Wish | undefined };

/**
 * A car's side of its conversation with the engine: knows what it asked for, decides what to make of what it hears, and
 * says so in `takeWords`. It has no I/O and no clock; what it does is determined by its random numbers and by what it
 * hears.
 */
export class Bargainer {
  readonly #carId: string;
  readonly #traits: BargainerTraits;
  readonly #random: () => number;
  readonly #valuePerHour: number;
  #talk: Talk = { kind: "nothing" };
  #booking: HeldBooking | undefined;
  /** The last one that is none of its any more: what may still be said of it means nothing. */
  #formerBookingId = "";
  #isPresent = false;
  #isRetired = false;
  #requests = 0;
  #unservedSinceMs: number | undefined;
  #words: CarWords[] = [];

  /** @param random numbers in [0, 1), of this bargainer alone */
  constructor(carId: string, traits: BargainerTraits, random: () => number) {
    this.#carId = carId;
    this.#traits = traits;
    this.#random = random;
    this.#valuePerHour = VALUE_PER_HOUR.from + random() * VALUE_PER_HOUR.span;
  }

  /** The slot that it has, whether its car is still to come or plugged in. */
  get booking(): HeldBooking | undefined {
    return this.#booking;
  }

  /** Whether it is to be answered soon: it has asked, or accepted, and was neither put in line nor put off. */
  get expectsAnswer(): boolean {
    return this.#talk.kind === "accepting" || (this.#talk.kind === "asking" && !this.#talk.isInLine);
  }

  /** For how long it has wanted energy and was neither offered any nor put in line, ms. */
  unservedMs(nowMs: number): number {
    return this.#unservedSinceMs === undefined ? 0 : nowMs - this.#unservedSinceMs;
  }

  /** Whether a car with so much charge has anything to ask for. */
  canAsk(batteryPercent: number): boolean {
    return batteryPercent < TARGET_PERCENT;
  }

  /** What is to be said now, once. */
  takeWords(): CarWords[] {
    return this.#words.splice(0);
  }

  /** What is to be said first on another stream: all that has no answer yet, and what makes the engine find the car there. */
  repeat(): CarWords[] {
    this.#words = [];
    const talk = this.#talk;
    if (talk.kind === "asking") this.#say({ request: talk.request });
    if (talk.kind === "accepting" && talk.request !== undefined) this.#say({ request: talk.request });
    if (talk.kind === "accepting" && talk.request === undefined) this.#sayAccept(talk.requestId, talk.offerId);
    if (this.#booking !== undefined) this.#words.push({ kind: "look up", bookingId: this.#booking.bookingId });
    if (this.#booking !== undefined || this.#isPresent) this.#sayPresence();
    return this.takeWords();
  }

  /** The car needs energy: asks for it, unless it did, or is to come again later. */
  want(car: Circumstances, nowMs: number): void {
    const talk = this.#talk;
    if (this.#booking !== undefined || talk.kind === "accepting" || !this.canAsk(car.batteryPercent)) return;
    if (talk.kind === "put off" && nowMs < talk.untilMs) return;
    const former = talk.kind === "nothing" ? undefined : talk.request;
    if (former !== undefined && distanceKm(former, car) <= SAME_PLACE_KM) {
      if (talk.kind === "asking") return;
      this.#ask(former);
    } else this.#ask(this.#newRequest(car, nowMs));
    this.#unservedSinceMs ??= nowMs;
  }

  /** Says whether the car may be called, when that has changed. */
  present(mayBeCalled: boolean): void {
    if (mayBeCalled === this.#isPresent) return;
    this.#isPresent = mayBeCalled;
    this.#sayPresence();
  }

  hear(message: EngineMessage__Output, car: Circumstances, nowMs: number): void {
    if (message.offers) this.#heardOffers(message.offers, car, nowMs);
    else if (message.booking) this.#heardBooking(message.booking, car);
    else if (message.waitlisted) this.#heardWaitlisted(message.waitlisted.request_id ?? "");
    else if (message.refusal) this.#heardRefusal(message.refusal, nowMs);
  }

  /** The car has left the station at which it had this session. */
  charged(sessionId: string): void {
    if (this.#booking?.bookingId === sessionId) this.#forgetBooking();
  }

  /** The car charges without the engine. */
  goesWithout(): void {
    this.#withdraw();
    this.#unservedSinceMs = undefined;
  }

  /** The car does not come. */
  giveUp(reason: string): void {
    if (this.#booking !== undefined) this.#words.push({ kind: "cancel", bookingId: this.#booking.bookingId, reason });
    this.#forgetBooking();
    this.#withdraw();
  }

  /** The car wants nothing any more, and comes to nothing that it has booked. */
  retire(): void {
    this.#isRetired = true;
    this.giveUp(RETIRED);
    this.present(false);
  }

  #heardOffers(offers: Offers__Output, car: Circumstances, nowMs: number): void {
    const talk = this.#talk;
    const [best] = offers.offers;
    if (best === undefined) return;
    const { request_id, invitation } = offers;
    const isFree = !car.isCharging && !this.#isRetired && talk.kind !== "accepting";
    const mayCome = invitation && isFree && !isLate(car.arrivalMs(best), best.start, best.end);
    // One that has a slot comes if it is done sooner.
    const wouldCome = this.#booking === undefined ? car.need : Number(best.end < this.#booking.endMs);
    if (talk.kind === "asking" && talk.request.request_id === request_id) this.#choose(offers, best, talk, car, nowMs);
    else if (talk.kind === "accepting" && talk.requestId === request_id)
      this.#accept(request_id, best, talk.request); // somebody else had the slot
    else if (mayCome && this.#random() < wouldCome) this.#accept(request_id, best, undefined);
    else this.#say({ decline: { request_id, car_id: this.#carId } });
  }

  #choose(
    { request_id, rounds_left }: Offers__Output,
    best: Offer__Output,
    { request, isInLine, hasCountered }: Extract<Talk, { kind: "asking" }>,
    car: Circumstances,
    nowMs: number,
  ): void {
    this.#unservedSinceMs = undefined;
    // While it was in line it has driven on.
    const comesTooLate = isInLine && isLate(car.arrivalMs(best), best.start, best.end);
    if (comesTooLate || this.#random() < DECLINE_SHARE) {
      this.#say({ decline: { request_id, car_id: this.#carId } });
      const untilMs = comesTooLate ? nowMs : nowMs + DECLINED_MS;
      this.#talk = { kind: "put off", untilMs, request: undefined };
    } else if (!hasCountered && rounds_left > 0 && this.#random() < COUNTER_SHARE) {
      const wishes = [CounterWish.CHEAPER, CounterWish.SOONER, CounterWish.NEARER] as const;
      const wish = wishes[Math.floor(this.#random() * wishes.length)] ?? CounterWish.SOONER;
      this.#say({ counter: { request_id, car_id: this.#carId, wish } });
      this.#talk = { kind: "asking", request, isInLine: false, hasCountered: true };
    } else this.#accept(request_id, best, request);
  }

  #heardBooking(told: Booking__Output, car: Circumstances): void {
    const { booking_id, request_id, state, version } = told;
    const own = this.#booking?.bookingId === booking_id ? this.#booking : undefined;
    if (booking_id === this.#formerBookingId || (own !== undefined && version <= own.version)) return;
    const isReserved = state === WireBookingState.RESERVED;
    if (isReserved || this.#isOfTalk(booking_id, request_id)) this.#talk = { kind: "nothing" };
    if (isReserved) {
      this.#unservedSinceMs = undefined;
      this.#booking = { ...asHeld(told), moves: own?.moves ?? 0 };
      if (this.#isRetired) this.giveUp(RETIRED);
      else this.#moveIfLate(this.#booking, car);
    } else if (own !== undefined && state === WireBookingState.FULFILLED) {
      this.#booking = { ...own, version };
    } else if (own !== undefined) this.#forgetBooking();
  }

  #moveIfLate(booking: HeldBooking, car: Circumstances): void {
    const arrivalMs = Math.ceil(car.arrivalMs(booking));
    if (booking.moves >= MAX_MOVES || !isLate(arrivalMs, booking.startMs, booking.endMs)) return;
    booking.moves++;
    this.#say({ move: { booking_id: booking.bookingId, car_id: this.#carId, earliest: arrivalMs } });
  }

  #heardWaitlisted(requestId: string): void {
    if (this.#talk.kind !== "asking" || this.#talk.request.request_id !== requestId) return;
    this.#talk = { ...this.#talk, isInLine: true };
    this.#unservedSinceMs = undefined;
  }

  #heardRefusal({ reason, request_id, booking_id, retry_after_ms }: Refusal__Output, nowMs: number): void {
    if (booking_id !== "" && booking_id === this.#booking?.bookingId) {
      // It cannot be moved: the car comes late, unless there is nothing left to come for.
      if (reason === RefusalReason.GONE) this.#words.push({ kind: "look up", bookingId: booking_id });
      return;
    }
    if (!this.#isOfTalk("", request_id) || this.#talk.kind === "nothing") return;
    const { request } = this.#talk;
    const again = (afterMs: number, same?: Wish): void => {
      this.#talk = { kind: "put off", untilMs: nowMs + Math.max(AT_LEAST_MS, afterMs), request: same };
    };
    if (reason === RefusalReason.UNAVAILABLE || reason === RefusalReason.OVERLOADED) again(retry_after_ms, request);
    else if (reason === RefusalReason.NO_OPTION || reason === RefusalReason.INVALID) again(NO_OPTION_MS);
    else again(retry_after_ms);
    // Left by an earlier life, that this one knows nothing of.
    if (reason === RefusalReason.CONFLICT && booking_id !== "")
      this.#words.push({ kind: "cancel", bookingId: booking_id, reason: "the car does not know of it" });
  }

  #isOfTalk(bookingId: string, requestId: string): boolean {
    const talk = this.#talk;
    if (talk.kind === "accepting") return talk.requestId === requestId || talk.offerId === bookingId;
    return talk.kind !== "nothing" && talk.request?.request_id === requestId;
  }

  #newRequest({ latitude, longitude, batteryPercent }: Circumstances, nowMs: number): Wish {
    const { capacityKwh, kwhPerKm, topUpPercent } = this.#traits;
    const target = Math.min(TARGET_PERCENT, batteryPercent + topUpPercent);
    return {
      request_id: `${this.#carId}-${nowMs}-${++this.#requests}`,
      car_id: this.#carId,
      latitude,
      longitude,
      battery_level: batteryPercent,
      capacity_kwh: capacityKwh,
      consumption_kwh_per_km: kwhPerKm,
      target_level: target,
      least_level: (batteryPercent + target) / 2,
      max_wait_minutes: MAX_WAIT_MINUTES,
      value_per_hour: this.#valuePerHour,
    };
  }

  #ask(request: Wish): void {
    this.#talk = { kind: "asking", request, isInLine: false, hasCountered: false };
    this.#say({ request });
  }

  #accept(requestId: string, offer: Offer__Output, request: Wish | undefined): void {
    this.#unservedSinceMs = undefined;
    this.#talk = { kind: "accepting", requestId, offerId: offer.offer_id, request };
    this.#sayAccept(requestId, offer.offer_id);
  }

  /** Nothing is wanted any more. */
  #withdraw(): void {
    const talk = this.#talk;
    if (talk.kind === "asking") this.#say({ decline: { request_id: talk.request.request_id, car_id: this.#carId } });
    this.#talk = { kind: "nothing" };
  }

  #forgetBooking(): void {
    this.#formerBookingId = this.#booking?.bookingId ?? this.#formerBookingId;
    this.#booking = undefined;
  }

  #sayAccept(requestId: string, offerId: string): void {
    this.#say({ accept: { request_id: requestId, offer_id: offerId, car_id: this.#carId } });
  }

  #sayPresence(): void {
    const { capacityKwh, kwhPerKm } = this.#traits;
    const presence = { capacity_kwh: capacityKwh, consumption_kwh_per_km: kwhPerKm, idle: this.#isPresent };
    this.#say({ presence: { car_id: this.#carId, ...presence } });
  }

  #say(message: CarMessage): void {
    this.#words.push({ kind: "say", message });
  }
}

function isLate(arrivalMs: number, startMs: number, endMs: number): boolean {
  return arrivalMs > startMs + MISSED_SHARE * (endMs - startMs);
}

function asHeld({ booking_id, station_id, latitude, longitude, start, end, kwh, version }: Booking__Output) {
  return {
    bookingId: booking_id,
    stationId: station_id,
    latitude,
    longitude,
    startMs: start,
    endMs: end,
    kwh,
    version,
  };
}
