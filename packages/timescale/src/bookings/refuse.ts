import { float8Array, textArray } from "../binaryArrays.ts";
import type { Database } from "../database.ts";
import { asBooking, BOOKING_COLUMNS, type Booking, type BookingRow, type NewBooking } from "./booking.ts";

/** A request that got no booking. Where it got no station, connector or slot: "" for the ids and 0 for the times. */
export type RefusedBooking = NewBooking & { state: "REJECTED" | "FAILED"; reason: string };

/** A connector that does not exist cannot be kept; the station's id is, whether it exists or not. */
const INSERT_REFUSED = `
INSERT INTO bookings (booking_id, request_id, car_id, station_id, connector_id, slot, state, kwh, price_per_kwh, request, request_digest, reason)
SELECT booking_id, request_id, car_id, nullif(refused.station_id, ''), connectors.connector_id,
       CASE WHEN starts < ends THEN tstzrange(to_timestamp(starts / 1000), to_timestamp(ends / 1000)) END,
       state, kwh, price_per_kwh, request::jsonb, digest, reason
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[], $8::text[], $9::float8[], $10::float8[], $11::text[], $12::text[], $13::text[])
  AS refused (booking_id, request_id, car_id, station_id, connector_id, starts, ends, state, kwh, price_per_kwh, request, digest, reason)
  LEFT JOIN connectors ON connectors.station_id = refused.station_id AND connectors.connector_id = refused.connector_id
ORDER BY booking_id
ON CONFLICT (booking_id) DO NOTHING`;

/**
 * Writes down that requests got no booking. Under an id that is there already nothing changes; under one that is not,
 * nothing can be booked any more. @returns what stands under each id, in no order
 */
export async function refuseBookings(database: Database, refused: readonly RefusedBooking[]): Promise<Booking[]> {
  const texts = (pick: (booking: RefusedBooking) => string) => textArray(refused.map(pick));
  const numbers = (pick: (booking: RefusedBooking) => number) => float8Array(refused.map(pick));
  const bookingIds = texts(({ bookingId }) => bookingId);
  await database.query(INSERT_REFUSED, [
    bookingIds,
    texts(({ requestId }) => requestId),
    texts(({ carId }) => carId),
    texts(({ stationId }) => stationId),
    texts(({ connectorId }) => connectorId),
    numbers(({ startMs }) => startMs),
    numbers(({ endMs }) => endMs),
    texts(({ state }) => state),
    numbers(({ kwh }) => kwh),
    numbers(({ pricePerKwh }) => pricePerKwh),
    texts(({ request }) => JSON.stringify(request)),
    texts(({ requestDigest }) => requestDigest),
    texts(({ reason }) => reason),
  ]);
  const standing = `SELECT ${BOOKING_COLUMNS} FROM bookings b WHERE booking_id = ANY ($1::text[])`;
  return (await database.query<BookingRow>(standing, [bookingIds])).rows.map(asBooking);
}

/** The same of one. @returns what stands under its id */
export async function refuseBooking(database: Database, refused: RefusedBooking): Promise<Booking> {
  const [standing] = await refuseBookings(database, [refused]);
  if (standing === undefined) throw new TypeError(`booking ${refused.bookingId} was not written`);
  return standing;
}
