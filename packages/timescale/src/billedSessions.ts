import type { Database } from "./database.ts";

/** What a booked session has charged so far, and what that costs. */
export interface BilledSession {
  kwh: number;
  /** At the price that was locked, dollars. */
  lockedCost: number;
  /** At the grid's prices of the time, dollars. */
  gridCost: number;
}

/** The session of a booking; undefined when it has charged nothing yet. */
export async function billedSession(database: Database, bookingId: string): Promise<BilledSession | undefined> {
  const { rows } = await database.query<BilledSession>(
    `SELECT kwh, locked_cost AS "lockedCost", grid_cost AS "gridCost" FROM billed_sessions WHERE booking_id = $1`,
    [bookingId],
  );
  return rows[0];
}
