import { float8Array, textArray, timestamptzArray } from "../binaryArrays.ts";
import { EXCLUSION_VIOLATION, retryCollisions } from "../collisions.ts";
import type { Database } from "../database.ts";
import { type Fence, underFence } from "../fences.ts";
import { asBooking, BOOKING_COLUMNS, type Booking, type BookingRow } from "./booking.ts";
import { IS_LATE } from "./find.ts";

/** A car that plugged in at its station. */
export interface CheckIn {
  bookingId: string;
  carId: string;
  stationId: string;
  /** Unix ms. */
  atMs: number;
}

/** What became of cars that plugged in. */
export interface CheckedIn {
  /** Those that are FULFILLED by this call. */
  fulfilled: Booking[];
  /** The ids of those that wait for their car still, as it is elsewhere or too early: a later report may tell more. */
  waiting: Set<string>;
}

/** A car that has left its connector. */
export interface SessionEnd {
  bookingId: string;
  carId: string;
  /** Unix ms. */
  atMs: number;
}

// Each locks its rows in the order of their ids, so that two writers never wait for each other in a circle.

/** No version: they begin at 1. */
const ANY_VERSION = 0;

const CANCEL = `
WITH standing AS (
  SELECT booking_id FROM bookings JOIN unnest($1::text[], $3::float8[]) AS seen (booking_id, seen_version) USING (booking_id)
  WHERE state = 'RESERVED' AND seen_version IN (version, ${ANY_VERSION})
  ORDER BY booking_id FOR UPDATE OF bookings
)
UPDATE bookings b SET state = 'CANCELED', reason = $2
FROM standing WHERE b.booking_id = standing.booking_id RETURNING ${BOOKING_COLUMNS}`;

/** How much earlier than its slot a car may come, while somebody else has the connector until then. */
const EARLY_MINUTES = 5;

/** A slot begins when its car plugs in: a connector that has a car is not sold to another. */
const CHECK_IN = `
WITH arrived AS (
  SELECT booking_id, station_id, connector_id, slot, at, tstzrange(least(at, lower(slot)), lower(slot)) AS before
  FROM bookings JOIN (
    SELECT booking_id, car_id, station_id, min(at) AS at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS entry (booking_id, car_id, station_id, at)
    GROUP BY booking_id, car_id, station_id
  ) AS entries USING (booking_id, car_id, station_id)
  WHERE state = 'RESERVED' ORDER BY booking_id FOR UPDATE OF bookings
), placed AS (
  SELECT booking_id, at, slot, before, NOT EXISTS (
    SELECT FROM bookings other
    WHERE hashtextextended(other.connector_id, hashtextextended(other.station_id, 0))
        = hashtextextended(arrived.connector_id, hashtextextended(arrived.station_id, 0))
      AND other.slot && before AND other.station_id = arrived.station_id AND other.connector_id = arrived.connector_id
      AND other.state IN ('PENDING', 'RESERVED', 'FULFILLED')
  ) AS is_free FROM arrived
)
UPDATE bookings b
SET state = 'FULFILLED', checked_in_at = at, reason = '', slot = CASE WHEN is_free THEN placed.slot + before ELSE placed.slot END
FROM placed WHERE b.booking_id = placed.booking_id
  AND (is_free OR lower(placed.slot) <= now() + interval '${EARLY_MINUTES} minutes')
RETURNING ${BOOKING_COLUMNS}`;

const STILL_WAITING = `
SELECT booking_id AS "bookingId" FROM bookings JOIN unnest($1::text[], $2::text[]) AS entry (booking_id, car_id) USING (booking_id, car_id)
WHERE state IN ('PENDING', 'RESERVED')`;

/**
 * What is left of the slot is given back. A car that leaves before its slot begins leaves a millisecond of it. A moment
 * that is no later than the check-in is of another time: an old report that came again.
 */
const END_SESSIONS = `
WITH charging AS (
  SELECT booking_id, car_id, checked_in_at
  FROM bookings WHERE booking_id = ANY ($1) AND state = 'FULFILLED' AND ended_at IS NULL ORDER BY booking_id FOR UPDATE
), ended AS (
  SELECT booking_id, min(at) AS at
  FROM charging JOIN unnest($1::text[], $2::text[], $3::timestamptz[]) AS entry (booking_id, car_id, at) USING (booking_id, car_id)
  WHERE at > checked_in_at GROUP BY booking_id
)
UPDATE bookings b
SET ended_at = at, slot = tstzrange(lower(slot), least(greatest(at, lower(slot) + interval '1 millisecond'), upper(slot)))
FROM ended WHERE b.booking_id = ended.booking_id RETURNING ${BOOKING_COLUMNS}`;

const EXPIRE = `
WITH late AS (
  SELECT booking_id FROM bookings WHERE booking_id = ANY ($2) AND ${IS_LATE} ORDER BY booking_id FOR UPDATE SKIP LOCKED
)
UPDATE bookings b SET state = 'NO_SHOW', reason = 'the car did not come in time'
FROM late WHERE b.booking_id = late.booking_id RETURNING ${BOOKING_COLUMNS}`;

async function change(database: Database, sql: string, values: unknown[], fence?: Fence): Promise<Booking[]> {
  const { rows } = await (fence === undefined
    ? database.query<BookingRow>(sql, values)
    : underFence(database, fence, (session) => session.query<BookingRow>(sql, values)));
  return rows.map(asBooking);
}

/** Which booking is to be canceled: as it was seen, or, without a version, as it may be by now. */
export interface Cancellation {
  bookingId: string;
  version?: number;
}

/** Cancels those that are RESERVED. @returns them @throws FenceLost */
export function cancelBookings(
  database: Database,
  cancellations: Cancellation[],
  reason: string,
  fence?: Fence,
): Promise<Booking[]> {
  const bookingIds = textArray(cancellations.map(({ bookingId }) => bookingId));
  const versions = float8Array(cancellations.map(({ version = ANY_VERSION }) => version));
  return retryCollisions(() => change(database, CANCEL, [bookingIds, reason, versions], fence));
}

/**
 * Makes FULFILLED what is RESERVED for these cars at these stations. A slot that has not begun begins with its car,
 * unless somebody else has the connector: then the car is too early until a few minutes before, by the database's clock.
 */
export async function checkIn(database: Database, entries: CheckIn[]): Promise<CheckedIn> {
  const bookingIds = textArray(entries.map(({ bookingId }) => bookingId));
  const carIds = textArray(entries.map(({ carId }) => carId));
  const stationIds = textArray(entries.map(({ stationId }) => stationId));
  const values = [bookingIds, carIds, stationIds, timestamptzArray(entries.map(({ atMs }) => atMs))];
  // Who books the time before a slot at the same moment is seen the next time.
  const fulfilled = await retryCollisions(() => change(database, CHECK_IN, values), EXCLUSION_VIOLATION);
  if (fulfilled.length === entries.length) return { fulfilled, waiting: new Set() };
  const { rows } = await database.query<{ bookingId: string }>(STILL_WAITING, [bookingIds, carIds]);
  return { fulfilled, waiting: new Set(rows.map(({ bookingId }) => bookingId)) };
}

/**
 * Gives back what is left of the slots of FULFILLED bookings, once, at a moment later than the check-in.
 * @returns those whose session was not over yet
 */
export function endSessions(database: Database, entries: SessionEnd[]): Promise<Booking[]> {
  const values = [
    textArray(entries.map(({ bookingId }) => bookingId)),
    textArray(entries.map(({ carId }) => carId)),
    timestamptzArray(entries.map(({ atMs }) => atMs)),
  ];
  return retryCollisions(() => change(database, END_SESSIONS, values));
}

/**
 * Makes NO_SHOW what is late still (`lateBookings`). One that somebody else is changing at the moment is left out.
 * @returns them @throws FenceLost
 */
export function expireNoShows(
  database: Database,
  bookingIds: string[],
  windowMs: number,
  fence: Fence,
): Promise<Booking[]> {
  return retryCollisions(() => change(database, EXPIRE, [windowMs, bookingIds], fence));
}
