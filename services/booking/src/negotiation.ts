import { hash } from "node:crypto";
import type { ChargeOption, ChargeRequest } from "@greenlane/domain";
import type { Booking } from "@greenlane/timescale";
import type { Party } from "./parties.ts";

/** An option that was said to a car. */
export interface StandingOffer {
  /** Becomes the booking's id. */
  offerId: string;
  option: ChargeOption;
  /** Whether Redis keeps the slot for the car. */
  holds: boolean;
  expiresAtMs: number;
}

/** Where a negotiation stands. */
export type Standing =
  | { kind: "matching" }
  | { kind: "waitlisted" }
  | { kind: "offered"; offers: StandingOffer[] }
  | { kind: "confirming" }
  | { kind: "booked" }
  | { kind: "refused" };

/** A car's way from a request to a booking. */
export interface Negotiation {
  /** As it is now: a counter changes it. */
  request: ChargeRequest;
  /** As it was before the car countered, to go back to when there is nothing like that. */
  before: ChargeRequest | undefined;
  /** Tells whether a request that comes again has the same content. */
  readonly digest: string;
  /** Rises from one negotiation to the next: who asked first has the least. */
  readonly turn: number;
  /** Whom to tell. */
  party: Party;
  roundsLeft: number;
  /** A call that the car did not ask for; why. */
  readonly invitation: string;
  /** The booking that an offer would move, when it is about a better slot for one. */
  readonly replaces: Booking | undefined;
  standing: Standing;
  /** Whether the car was told that it stands in line. */
  isInLine: boolean;
  /** Why it was written down as rejected; "": it was not. */
  rejectedFor: string;
  /** When it last changed, Unix ms. */
  touchedAtMs: number;
  /** How often the slot that it accepted was somebody else's. */
  losses: number;
  /** What is said with the next offers: why there are new ones. */
  message: string;
}

const negotiationKey = (carId: string, requestId: string): string => `${carId}\n${requestId}`;

/** Tells whether a message that comes again has the same content. */
export const digestOf = (message: object): string => hash("sha1", JSON.stringify(message), "base64url");

/** The negotiations under way in this process, one a car. */
export class Negotiations {
  readonly #byKey = new Map<string, Negotiation>();
  readonly #byCar = new Map<string, Negotiation>();

  get size(): number {
    return this.#byKey.size;
  }

  all(): Iterable<Negotiation> {
    return this.#byKey.values();
  }

  find(carId: string, requestId: string): Negotiation | undefined {
    return this.#byKey.get(negotiationKey(carId, requestId));
  }

  has(negotiation: Negotiation): boolean {
    return this.find(negotiation.request.carId, negotiation.request.requestId) === negotiation;
  }

  ofCar(carId: string): Negotiation | undefined {
    return this.#byCar.get(carId);
  }

  add(negotiation: Negotiation): void {
    const { carId, requestId } = negotiation.request;
    this.#byKey.set(negotiationKey(carId, requestId), negotiation);
    this.#byCar.set(carId, negotiation);
  }

  delete(negotiation: Negotiation): void {
    const { carId, requestId } = negotiation.request;
    this.#byKey.delete(negotiationKey(carId, requestId));
    if (this.#byCar.get(carId) === negotiation) this.#byCar.delete(carId);
  }
}
