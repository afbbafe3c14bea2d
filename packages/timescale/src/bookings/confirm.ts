import { float8Array, textArray, timestamptzArray } from "../binaryArrays.ts";
import { retryCollisions } from "../collisions.ts";
import type { Database } from "../database.ts";
import type { Booking, NewBooking } from "./booking.ts";
import { bookingsOfRequests } from "./find.ts";

export type ConfirmOutcome =
  | { kind: "confirmed"; booking: Booking }
  /** This request of the car has another booking, or had this one, in any state but REJECTED and FAILED. */
  | { kind: "repeated"; booking: Booking }
  /** The car has another booking that stands: this one. */
  | { kind: "busy"; booking: Booking }
  /** The slot is not free, or its connector is out of order or unknown. */
  | { kind: "taken" };

/**
 * Inserts the bookings that can be. One order for all writers, so that two of them seldom wait for each other in a
 * circle. The share of the connectors makes who puts one out of order wait for those who saw it in order.
 */
const INSERT_BOOKINGS = `
INSERT INTO bookings (booking_id, request_id, car_id, station_id, connector_id, slot, state, kwh, price_per_kwh, request, request_digest)
SELECT booking_id, request_id, car_id, station_id, connector_id, tstzrange(starts_at, ends_at), 'RESERVED', kwh, price_per_kwh, request::jsonb, digest
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::float8[], $9::float8[], $10::text[], $11::text[])
  AS wanted (booking_id, request_id, car_id, station_id, connector_id, starts_at, ends_at, kwh, price_per_kwh, request, digest)
  JOIN connectors USING (station_id, connector_id)
WHERE status = 'available'
ORDER BY station_id, connector_id, starts_at, booking_id
FOR SHARE OF connectors
ON CONFLICT DO NOTHING
RETURNING booking_id AS "bookingId", floor(extract(epoch FROM created_at) * 1000)::float8 AS "createdAtMs"`;

/**
 * Books what can be booked, RESERVED, in one statement; when this resolves, it is durable. Where two of one call stand
 * in each other's way, one of them is booked. After an unknown outcome (the connection broke) it may be called again
 * with the same bookings: what was booked the first time is confirmed.
 * @returns what became of each, in their order
 */
export async function confirmBookings(database: Database, bookings: NewBooking[]): Promise<ConfirmOutcome[]> {
  if (bookings.length === 0) return [];
  const bornAtMs = await retryCollisions(() => insertBookings(database, bookings));
  const left = bookings.filter(({ bookingId }) => !bornAtMs.has(bookingId));
  const standing = await bookingsOfRequests(database, left);
  const ofLeft = new Map(left.map((wanted, n) => [wanted, obstacle(wanted, standing[n])]));
  return bookings.map((wanted): ConfirmOutcome => {
    const createdAtMs = bornAtMs.get(wanted.bookingId);
    if (createdAtMs === undefined) return ofLeft.get(wanted) ?? { kind: "taken" };
    const times = { createdAtMs, updatedAtMs: createdAtMs, checkedInAtMs: undefined, endedAtMs: undefined };
    return { kind: "confirmed", booking: { ...wanted, ...times, state: "RESERVED", reason: "", version: 1 } };
  });
}

/** Why a booking was not inserted, given what the car or its request has. */
function obstacle(wanted: NewBooking, standing: Booking | undefined): ConfirmOutcome {
  if (standing === undefined) return { kind: "taken" };
  if (standing.requestId !== wanted.requestId) return { kind: "busy", booking: standing };
  const isIt = standing.bookingId === wanted.bookingId && standing.state === "RESERVED";
  return { kind: isIt ? "confirmed" : "repeated", booking: standing };
}

async function insertBookings(database: Database, bookings: NewBooking[]): Promise<Map<string, number>> {
  const texts = (pick: (booking: NewBooking) => string) => textArray(bookings.map(pick));
  const numbers = (pick: (booking: NewBooking) => number) => float8Array(bookings.map(pick));
  const { rows } = await database.query<{ bookingId: string; createdAtMs: number }>({
    name: "insert-bookings",
    text: INSERT_BOOKINGS,
    values: [
      texts(({ bookingId }) => bookingId),
      texts(({ requestId }) => requestId),
      texts(({ carId }) => carId),
      texts(({ stationId }) => stationId),
      texts(({ connectorId }) => connectorId),
      timestamptzArray(bookings.map(({ startMs }) => startMs)),
      timestamptzArray(bookings.map(({ endMs }) => endMs)),
      numbers(({ kwh }) => kwh),
      numbers(({ pricePerKwh }) => pricePerKwh),
      texts(({ request }) => JSON.stringify(request)),
      texts(({ requestDigest }) => requestDigest),
    ],
  });
  return new Map(rows.map(({ bookingId, createdAtMs }) => [bookingId, createdAtMs]));
}
