import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import {
  API_TOKEN_METADATA,
  type Booking__Output,
  type CarMessage,
  type EngineMessage__Output,
  type NegotiationServiceClient,
  RefusalReason,
  WireBookingState,
} from "@greenlane/contracts";
import { type CallOptions, Metadata, type requestCallback } from "@grpc/grpc-js";
import type { CarWords } from "./bargainer.ts";
import { KeptStream } from "./keptStream.ts";

/** A car that negotiates, as its depot sees it. */
export interface Negotiator {
  readonly carId: string;
  readonly expectsAnswer: boolean;
  readonly booking: { readonly bookingId: string } | undefined;
  hear(message: EngineMessage__Output, nowMs: number): void;
  takeWords(): CarWords[];
  repeat(): CarWords[];
}

/** What all depots of a fleet count together. */
export interface DealCounts {
  /** Wishes; one that is uttered again counts once. */
  requests: number;
  /** Answers with offers. */
  offers: number;
  waitlisted: number;
  refused: number;
  counters: number;
  declined: number;
  invitations: number;
  invitationsAccepted: number;
  /** Asked for because the car would be late. */
  moves: number;
  /** Bookings that ended while their car counted on them: canceled by the engine or an operator, or missed. */
  lost: number;
  reconnects: number;
  booked: number;
  /** Of the bookings that were told as confirmed, up to some number of them. */
  bookingIds: Set<string>;
  /** From the first utterance of a request to its first offers, and from an acceptance to its booking, µs. */
  requestToOffersUs: RecordableHistogram;
  acceptToConfirmedUs: RecordableHistogram;
}

/** What a car and the engine said last to each other; its moments until they are answered, on the monotonic clock, ms. */
interface Exchange {
  requestId?: string;
  isInvitation?: boolean;
  askedAtMs?: number;
  offerId?: string;
  acceptedAtMs?: number;
}

/** How long the engine is waited for at the end, ms. */
const LAST_WORDS_MS = 5_000;
const TICK_MS = 20;
const CALL_MS = 10_000;
const MAX_BOOKING_IDS = 100_000;
const ENDED = new Set<unknown>([WireBookingState.CANCELED, WireBookingState.NO_SHOW]);

/** Speaks to the engine for many cars, on one stream; reconnects by itself, and says again what has no answer yet. */
export class Depot {
  readonly #client: NegotiationServiceClient;
  readonly #cars: ReadonlyMap<string, Negotiator>;
  readonly #counts: DealCounts;
  readonly #onTrouble: (message: string) => void;
  readonly #metadata = new Metadata();
  readonly #exchanges = new Map<string, Exchange>();
  readonly #stream: KeptStream<CarMessage, EngineMessage__Output>;
  #callsUnderWay = 0;

  constructor(
    client: NegotiationServiceClient,
    token: string,
    cars: Negotiator[],
    counts: DealCounts,
    onTrouble: (message: string) => void,
  ) {
    this.#client = client;
    this.#cars = new Map(cars.map((car) => [car.carId, car]));
    this.#counts = counts;
    this.#onTrouble = onTrouble;
    this.#metadata.set(API_TOKEN_METADATA, token);
    this.#stream = new KeptStream(() => client.Negotiate(this.#metadata), {
      opened: () => {
        for (const car of this.#cars.values()) for (const words of car.repeat()) this.#utter(car, words);
      },
      heard: (message) => {
        this.#stream.thrives();
        this.#heard(message);
      },
      trouble: (message) => onTrouble(`negotiation: ${message}`),
      lost: () => {
        counts.reconnects++;
      },
    });
    this.#stream.open();
  }

  /** Says what a car has to say. While there is no stream the car says it again when there is one. */
  speak(car: Negotiator): void {
    for (const words of car.takeWords()) this.#utter(car, words);
  }

  /** Waits until what was said last is answered, for a while at the most, and ends the stream. */
  async close(): Promise<void> {
    const deadlineMs = Date.now() + LAST_WORDS_MS;
    while (this.#isWaiting() && Date.now() < deadlineMs) await sleep(TICK_MS);
    this.#stream.close();
  }

  #isWaiting(): boolean {
    if (this.#callsUnderWay > 0) return true;
    return this.#stream.isOpen && this.#cars.values().some(({ expectsAnswer }) => expectsAnswer);
  }

  #utter(car: Negotiator, words: CarWords): void {
    if (words.kind === "say") {
      if (!this.#stream.isOpen) return;
      this.#countSaid(car.carId, words.message);
      this.#stream.write(words.message);
    } else if (words.kind === "cancel") {
      const { bookingId: booking_id, reason } = words;
      this.#call(car, this.#client.CancelBooking, { booking_id, reason });
    } else this.#call(car, this.#client.GetBooking, { booking_id: words.bookingId });
  }

  /** A call of its own; the car hears what becomes of the booking. */
  #call<Asked>(
    car: Negotiator,
    method: (
      asked: Asked,
      metadata: Metadata,
      options: CallOptions,
      callback: requestCallback<Booking__Output>,
    ) => unknown,
    asked: Asked,
  ): void {
    this.#callsUnderWay++;
    method.call(this.#client, asked, this.#metadata, { deadline: Date.now() + CALL_MS }, (error, booking) => {
      this.#callsUnderWay--;
      if (error !== null) this.#onTrouble(`negotiation: ${error.message}`);
      else if (booking !== undefined) this.#tell(car, { kind: "booking", booking });
    });
  }

  #heard(message: EngineMessage__Output): void {
    const carId = message[message.kind ?? "booking"]?.car_id ?? "";
    const car = this.#cars.get(carId);
    if (car === undefined) return;
    this.#countHeard(car, message);
    this.#tell(car, message);
  }

  #tell(car: Negotiator, message: EngineMessage__Output): void {
    const { booking } = message;
    if (booking && ENDED.has(booking.state) && car.booking?.bookingId === booking.booking_id) this.#counts.lost++;
    car.hear(message, Date.now());
    this.speak(car);
  }

  #countSaid(carId: string, { request, accept, decline, counter, move }: CarMessage): void {
    const counts = this.#counts;
    const last = this.#exchanges.get(carId);
    if (request?.request_id !== undefined && request.request_id !== last?.requestId) {
      counts.requests++;
      this.#exchanges.set(carId, { requestId: request.request_id, askedAtMs: performance.now() });
    }
    if (accept?.offer_id !== undefined && accept.offer_id !== last?.offerId) {
      if (last?.isInvitation === true) counts.invitationsAccepted++;
      this.#exchanges.set(carId, { ...last, offerId: accept.offer_id, acceptedAtMs: performance.now() });
    }
    if (decline) counts.declined++;
    if (counter) counts.counters++;
    if (move) counts.moves++;
  }

  #countHeard(car: Negotiator, { offers, booking, waitlisted, refusal }: EngineMessage__Output): void {
    const counts = this.#counts;
    const last = this.#exchanges.get(car.carId);
    if (offers?.invitation === true) {
      counts.invitations++;
      this.#exchanges.set(car.carId, { requestId: offers.request_id, isInvitation: true });
    } else if (offers) {
      counts.offers++;
      if (last?.requestId === offers.request_id) record(counts.requestToOffersUs, last, "askedAtMs");
    }
    if (booking?.state === WireBookingState.RESERVED && !counts.bookingIds.has(booking.booking_id)) {
      counts.booked++;
      if (counts.bookingIds.size < MAX_BOOKING_IDS) counts.bookingIds.add(booking.booking_id);
      if (last?.offerId === booking.booking_id) record(counts.acceptToConfirmedUs, last, "acceptedAtMs");
    }
    if (waitlisted) counts.waitlisted++;
    if (refusal) counts.refused++;
    if (refusal?.reason === RefusalReason.INVALID) this.#onTrouble(`negotiation: ${refusal.message}`);
  }
}

/** Takes the time since a moment, once. */
function record<Moment extends "askedAtMs" | "acceptedAtMs">(
  histogram: RecordableHistogram,
  exchange: Exchange,
  moment: Moment,
): void {
  const sinceMs = exchange[moment];
  if (sinceMs === undefined) return;
  histogram.record(Math.max(1, Math.round((performance.now() - sinceMs) * 1_000)));
  delete exchange[moment];
}

export function noDeals(): DealCounts {
  return {
    ...{ requests: 0, offers: 0, waitlisted: 0, refused: 0, counters: 0, declined: 0 },
    ...{ invitations: 0, invitationsAccepted: 0, moves: 0, booked: 0, lost: 0, reconnects: 0 },
    bookingIds: new Set(),
    requestToOffersUs: createHistogram(),
    acceptToConfirmedUs: createHistogram(),
  };
}
