import type { Database } from "@greenlane/timescale";

/** What the database holds of a fleet's bookings since a moment. */
export interface BookingSummary {
  /** How many are in each state that there is one in. */
  byState: Record<string, number>;
  /** Pairs of bookings that keep the same connector at the same time, of whichever cars. */
  doubleBookings: number;
  /** Sessions that carry the id of a booking of their car, and rows of others. */
  bookedSessions: number;
  unbookedRows: number;
  /** What the energy of the booked sessions cost at the prices locked for them, dollars. */
  lockedCost: number;
  /** Of the bookings that the cars were told of, those that are not there. */
  missing: string[];
}

/** What the database holds of some cars' bookings since a moment (Unix ms), and whether it has those that they were told of. */
export async function summariseBookings(
  database: Database,
  carIds: string[],
  sinceMs: number,
  toldIds: string[],
): Promise<BookingSummary> {
  const since = "to_timestamp($2 / 1000.0)";
  const [states, doubles, sessions, billed, missing] = await Promise.all([
    database.query<{ state: string; bookings: number }>(
      `SELECT state, count(*)::int AS bookings FROM bookings WHERE car_id = ANY ($1) AND created_at >= ${since}
       GROUP BY state ORDER BY state`,
      [carIds, sinceMs],
    ),
    database.query<{ pairs: number }>(
      `SELECT count(*)::int AS pairs FROM bookings AS one JOIN bookings AS other
         ON (one.station_id, one.connector_id) = (other.station_id, other.connector_id)
         AND one.booking_id < other.booking_id AND one.slot && other.slot
       WHERE one.state IN ('PENDING', 'RESERVED', 'FULFILLED') AND other.state IN ('PENDING', 'RESERVED', 'FULFILLED')`,
    ),
    database.query<{ booked: number; unbooked_rows: number }>(
      `SELECT (count(DISTINCT (car_id, session_id)) FILTER (WHERE booking_id IS NOT NULL))::int AS booked,
              (count(*) FILTER (WHERE booking_id IS NULL))::int AS unbooked_rows
       FROM (
         SELECT session.car_id, session_id, booking_id FROM charging_sessions AS session
         LEFT JOIN bookings AS booking ON session_id = booking_id AND session.car_id = booking.car_id
         WHERE session.car_id = ANY ($1) AND time >= ${since}
       ) AS rows_of_run`,
      [carIds, sinceMs],
    ),
    database.query<{ locked: number | null }>(
      `SELECT sum(locked_cost) AS locked FROM billed_sessions
       WHERE car_id = ANY ($1) AND started_at >= ${since}`,
      [carIds, sinceMs],
    ),
    database.query<{ id: string }>(
      `SELECT id FROM unnest($1::text[]) AS told (id) WHERE NOT EXISTS (SELECT FROM bookings WHERE booking_id = id)`,
      [toldIds],
    ),
  ]);
  const [counted] = sessions.rows;
  const [money] = billed.rows;
  return {
    byState: Object.fromEntries(states.rows.map(({ state, bookings }) => [state, bookings])),
    doubleBookings: doubles.rows[0]?.pairs ?? 0,
    bookedSessions: counted?.booked ?? 0,
    unbookedRows: counted?.unbooked_rows ?? 0,
    lockedCost: money?.locked ?? 0,
    missing: missing.rows.map(({ id }) => id),
  };
}
