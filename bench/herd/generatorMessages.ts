import type { Slot } from "@greenlane/redis";

/** A car that is to ask. */
export interface AskingCar {
  carId: string;
  /** Degrees, WGS84. */
  latitude: number;
  longitude: number;
  batteryPercent: number;
}

/** What all cars of a herd ask alike. */
export interface CommonWish {
  capacityKwh: number;
  kwhPerKm: number;
  targetPercent: number;
  maxPowerKw: number;
  /** What an hour is worth to them, dollars. */
  valuePerHour: number;
}

/** What the load generator is told. */
export type Order =
  /** Opens the streams, and keeps still. */
  | { kind: "prepare"; cars: AskingCar[]; wish: CommonWish; targets: string[]; token: string }
  /**
   * The cars ask: so many a second, or, at 0, all now. Those in line wait on where they are to be patient; after so many
   * ms all give up.
   */
  | { kind: "ask"; perSecond: number; patient: boolean; limitMs: number };

/** What the load generator tells. */
export type Report =
  | { kind: "prepared" }
  /** All cars begin to ask at this moment, Unix ms with fractions. */
  | { kind: "asking"; askedAtMs: number }
  | { kind: "settled"; cars: CarRecord[]; streamsLost: number };

/** A booking as its car was told of it last. */
export interface ToldBooking extends Slot {
  bookingId: string;
  stationId: string;
}

/** What a car has been through; times in Unix ms, with fractions. */
export interface CarRecord {
  carId: string;
  askedAtMs: number;
  /** Offers, a place in line, or a refusal that stands; not "try again later". */
  answeredAtMs: number | undefined;
  offeredAtMs: number | undefined;
  /** Of the acceptance that was confirmed. */
  acceptedAtMs: number | undefined;
  confirmedAtMs: number | undefined;
  end: "booked" | "waitlisted" | "refused" | "unanswered";
  /** Every booking that it was told is its own. */
  told: ToldBooking[];
  /** How often it uttered its request again. */
  repeats: number;
  /** How often a slot that it had accepted was lost. */
  slotsLost: number;
  /** The last refusal; "" when there was none. */
  refusal: string;
}
