import { textArray } from "../binaryArrays.ts";
import { EXCLUSION_VIOLATION, retryCollisions } from "../collisions.ts";
import type { Database } from "../database.ts";
import { type Fence, underFence } from "../fences.ts";
import { asBooking, BOOKING_COLUMNS, type Booking, type BookingRow } from "./booking.ts";

/** Who has stayed for longer than this without being looked at is taken to be gone, minutes. */
const LOOKED_AT_MINUTES = 30;

const OVERSTAYED = `
SELECT ${BOOKING_COLUMNS} FROM bookings b
WHERE state = 'FULFILLED' AND ended_at IS NULL AND upper(slot) <= now() AND upper(slot) > now() - interval '${LOOKED_AT_MINUTES} minutes'
ORDER BY upper(slot) LIMIT $1`;

/** The bookings whose cars have not left, as far as is known, though their slots are over: up to a limit. */
export async function overstayedBookings(database: Database, limit: number): Promise<Booking[]> {
  const { rows } = await database.query<BookingRow>({ name: "overstayed", text: OVERSTAYED, values: [limit] });
  return rows.map(asBooking);
}

/** The RESERVED bookings on the connectors of some others that began so long ago, ms, or longer. */
export async function bookingsHeldUp(
  database: Database,
  by: readonly Pick<Booking, "stationId" | "connectorId">[],
  sinceMs: number,
): Promise<Booking[]> {
  const { rows } = await database.query<BookingRow>(
    `SELECT ${BOOKING_COLUMNS} FROM bookings b
     JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS place (station_id, connector_id)) AS places USING (station_id, connector_id)
     WHERE state = 'RESERVED' AND lower(slot) <= now() - $3 * interval '1 millisecond' ORDER BY booking_id`,
    [textArray(by.map(({ stationId }) => stationId)), textArray(by.map(({ connectorId }) => connectorId)), sinceMs],
  );
  return rows.map(asBooking);
}

/** As far as nobody else has the connector. */
const PROLONG = `
WITH staying AS (
  SELECT booking_id, station_id, connector_id, tstzrange(upper(slot), now() + $2 * interval '1 millisecond') AS after
  FROM bookings WHERE booking_id = ANY ($1) AND state = 'FULFILLED' AND ended_at IS NULL AND upper(slot) <= now()
  ORDER BY booking_id FOR UPDATE
), free AS (
  SELECT booking_id, coalesce((
    SELECT min(lower(other.slot)) FROM bookings other
    WHERE hashtextextended(other.connector_id, hashtextextended(other.station_id, 0))
        = hashtextextended(staying.connector_id, hashtextextended(staying.station_id, 0))
      AND other.slot && after AND other.station_id = staying.station_id AND other.connector_id = staying.connector_id
      AND other.state IN ('PENDING', 'RESERVED', 'FULFILLED')
  ), upper(after)) AS until FROM staying
)
UPDATE bookings b SET slot = tstzrange(lower(slot), until)
FROM free WHERE b.booking_id = free.booking_id AND until > upper(slot) RETURNING ${BOOKING_COLUMNS}`;

/**
 * Prolongs the slots of cars that stay beyond them by so much from now on, ms, or until somebody else has the connector;
 * what is left of it is given back when they leave, as ever. @returns those that were prolonged @throws FenceLost
 */
export async function prolongStays(
  database: Database,
  staying: readonly Pick<Booking, "bookingId">[],
  byMs: number,
  fence: Fence,
): Promise<Booking[]> {
  const values = [textArray(staying.map(({ bookingId }) => bookingId)), byMs];
  // Who books that time at the same moment is seen the next time.
  const prolonged = await retryCollisions(
    () => underFence(database, fence, (session) => session.query<BookingRow>(PROLONG, values)),
    EXCLUSION_VIOLATION,
  );
  return prolonged.rows.map(asBooking);
}
