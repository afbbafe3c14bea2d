import type { Database } from "../database.ts";
import { type Fence, underFence } from "../fences.ts";

/** A change of a booking that is still to be told: written in the transaction of the change itself. */
export interface OutboxEvent {
  eventId: number;
  carId: string;
  /** A BookingEvent. */
  eventJson: string;
}

/** The oldest events that are still to be told; those of one car in their order. @throws FenceLost */
export function readOutbox(database: Database, limit: number, fence: Fence): Promise<OutboxEvent[]> {
  return underFence(database, fence, async (session) => {
    const { rows } = await session.query<OutboxEvent>(
      `SELECT event_id::float8 AS "eventId", car_id AS "carId", event::text AS "eventJson"
       FROM booking_outbox WHERE put_aside_at IS NULL ORDER BY event_id LIMIT $1`,
      [limit],
    );
    return rows;
  });
}

/** Removes events that have been told. @throws FenceLost */
export async function deleteOutbox(database: Database, eventIds: number[], fence: Fence): Promise<void> {
  await underFence(database, fence, (session) =>
    session.query("DELETE FROM booking_outbox WHERE event_id = ANY ($1::bigint[])", [eventIds]),
  );
}

/** Keeps an event that cannot be told out of the way of the others. @throws FenceLost */
export async function putAsideOutbox(database: Database, eventId: number, fence: Fence): Promise<void> {
  await underFence(database, fence, (session) =>
    session.query("UPDATE booking_outbox SET put_aside_at = now() WHERE event_id = $1", [eventId]),
  );
}
