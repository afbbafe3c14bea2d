import type { ChargeRequest } from "@greenlane/domain";
import type { Booking } from "@greenlane/timescale";
import type { StandingOffer } from "./negotiation.ts";

/** What comes of matching a request. */
export type MatchAnswer =
  | { kind: "offered"; offers: StandingOffer[] }
  /** No slot keeps to the car's limits; why none ever can, or "" when one could if nobody else had any. */
  | { kind: "unmatched"; whyNever: string }
  /** The request, or another of the car's, has a booking. */
  | { kind: "booked"; booking: Booking }
  /** Redis, the database or the price is away, or too many wait. */
  | { kind: "failed" };

/** A request that is to be matched. It is answered once. */
export interface Wish {
  request: ChargeRequest;
  /** Whether an answer still interests anybody. */
  stillWanted(): boolean;
  answer(answer: MatchAnswer): void;
}
