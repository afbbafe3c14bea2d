import type { BookingState } from "@greenlane/domain";

/** A connector's time from start until just before the end, Unix ms. */
export interface BookedSlot {
  stationId: string;
  connectorId: string;
  startMs: number;
  endMs: number;
}

/** A booking as the database has it. One that was refused without a slot has "" for ids and 0 for times. */
export interface Booking extends BookedSlot {
  bookingId: string;
  requestId: string;
  carId: string;
  state: BookingState;
  kwh: number;
  /** The locked price. */
  pricePerKwh: number;
  /** Why it is in its state, or where it is; "" when there is nothing to say. */
  reason: string;
  /** The charge request as it was asked: what a renegotiation needs. */
  request: unknown;
  /** Tells whether a request that comes again has the same content. */
  requestDigest: string;
  createdAtMs: number;
  updatedAtMs: number;
  checkedInAtMs: number | undefined;
  /** 1 at birth; each change adds 1. */
  version: number;
}

/** What a booking is made of; its id is the caller's choice. */
export type NewBooking = Pick<
  Booking,
  "bookingId" | "requestId" | "carId" | keyof BookedSlot | "kwh" | "pricePerKwh" | "request" | "requestDigest"
>;
