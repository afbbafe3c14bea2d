import type { Database } from "../database.ts";
import { asBooking, BOOKING_COLUMNS, type Booking, type BookingRow, type NewBooking } from "./booking.ts";

/** A request that got no booking. Where it got no station, connector or slot: "" for the ids and 0 for the times. */
export type RefusedBooking = NewBooking & { state: "REJECTED" | "FAILED"; reason: string };

/** A connector that does not exist cannot be kept; the station's id is, whether it exists or not. */
const INSERT_REFUSED = `
INSERT INTO bookings AS b (booking_id, request_id, car_id, station_id, connector_id, slot, state, kwh, price_per_kwh, request, request_digest, reason)
SELECT $1, $2, $3, nullif($4, ''), (SELECT connector_id FROM connectors WHERE station_id = $4 AND connector_id = $5),
       CASE WHEN $6::float8 < $7::float8 THEN tstzrange(to_timestamp($6 / 1000), to_timestamp($7 / 1000)) END,
       $8, $9, $10, $11, $12, $13
ON CONFLICT (booking_id) DO NOTHING
RETURNING ${BOOKING_COLUMNS}`;

/** Writes down that a request got no booking. The same id again changes nothing. @returns what stands under this id */
export async function refuseBooking(database: Database, refused: RefusedBooking): Promise<Booking> {
  const inserted = await database.query<BookingRow>(INSERT_REFUSED, [
    refused.bookingId,
    refused.requestId,
    refused.carId,
    refused.stationId,
    refused.connectorId,
    refused.startMs,
    refused.endMs,
    refused.state,
    refused.kwh,
    refused.pricePerKwh,
    JSON.stringify(refused.request),
    refused.requestDigest,
    refused.reason,
  ]);
  const standing = async () =>
    database.query<BookingRow>(`SELECT ${BOOKING_COLUMNS} FROM bookings b WHERE booking_id = $1`, [refused.bookingId]);
  const row = inserted.rows[0] ?? (await standing()).rows[0];
  if (row === undefined) throw new TypeError(`booking ${refused.bookingId} was not written`);
  return asBooking(row);
}
