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
  /** The locked price, dollars. */
  pricePerKwh: number;
  /** Why it is in its state, or where it is; "" when there is nothing to say. */
  reason: string;
  /** The charge request as it was asked: what a renegotiation needs. */
  request: unknown;
  /** Tells whether a request that comes again has the same content. */
  requestDigest: string;
  /** Unix ms, as are the others. */
  createdAtMs: number;
  updatedAtMs: number;
  checkedInAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** 1 at birth; each change adds 1. */
  version: number;
}

/** What a booking keeps from others. */
export type KeptSlot = Pick<Booking, "bookingId" | keyof BookedSlot>;

/** A booking as somebody saw it: what is done to it is done only if it has not changed since. */
export type SeenBooking = Pick<Booking, "bookingId" | "version">;

/** What a booking is made of; its id is the caller's choice. */
export type NewBooking = Pick<
  Booking,
  "bookingId" | "requestId" | "carId" | keyof BookedSlot | "kwh" | "pricePerKwh" | "request" | "requestDigest"
>;

export type BookingRow = Omit<Booking, "checkedInAtMs" | "endedAtMs"> & {
  checkedInAtMs: number | null;
  endedAtMs: number | null;
};

/** SQL: a moment as Unix ms, whole. */
export const unixMs = (timestamptz: string) => `floor(extract(epoch FROM ${timestamptz}) * 1000)::float8`;

/** The columns of a BookingRow, of `bookings AS b`. */
export const BOOKING_COLUMNS = `
b.booking_id AS "bookingId", b.request_id AS "requestId", b.car_id AS "carId", b.state, b.kwh, b.reason, b.request, b.version,
b.price_per_kwh AS "pricePerKwh", b.request_digest AS "requestDigest",
coalesce(b.station_id, '') AS "stationId", coalesce(b.connector_id, '') AS "connectorId",
coalesce(${unixMs("lower(b.slot)")}, 0) AS "startMs", coalesce(${unixMs("upper(b.slot)")}, 0) AS "endMs",
${unixMs("b.created_at")} AS "createdAtMs", ${unixMs("b.updated_at")} AS "updatedAtMs",
${unixMs("b.checked_in_at")} AS "checkedInAtMs", ${unixMs("b.ended_at")} AS "endedAtMs"`;

export function asBooking(row: BookingRow): Booking {
  return { ...row, checkedInAtMs: row.checkedInAtMs ?? undefined, endedAtMs: row.endedAtMs ?? undefined };
}
