import type { Database } from "../database.ts";
import { type Fence, mustHold, underFence } from "../fences.ts";

/** A change of a booking that is still to be told: written in the transaction of the change itself. */
export interface OutboxEvent {
  eventId: number;
  carId: string;
  /** A BookingEvent. */
  eventJson: string;
}

/** Changes nothing, so that a look at the fence does, without a lock: one round trip, and nothing to write. */
const READ = `
SELECT token::float8 AS token, event_id::float8 AS "eventId", car_id AS "carId", event::text AS "eventJson"
FROM fences LEFT JOIN (SELECT * FROM booking_outbox WHERE put_aside_at IS NULL ORDER BY event_id LIMIT $3) AS events ON token = $2
WHERE name = $1 ORDER BY event_id`;

/** The oldest events that are still to be told; those of one car in their order. @throws FenceLost */
export async function readOutbox(database: Database, limit: number, fence: Fence): Promise<OutboxEvent[]> {
  const { rows } = await database.query<{ token: number } & (OutboxEvent | { eventId: null })>({
    name: "read-outbox",
    text: READ,
    values: [fence.name, fence.token, limit],
  });
  mustHold(fence, rows[0]?.token);
  return rows.filter((row) => row.eventId !== null).map(({ token: _, ...event }) => event);
}

/** Under the fence in one statement: the share keeps others from taking it until the rows are gone. */
const DELETE = `
WITH fence AS (SELECT token FROM fences WHERE name = $1 FOR SHARE),
  told AS (DELETE FROM booking_outbox WHERE event_id = ANY ($3::bigint[]) AND (SELECT token FROM fence) = $2)
SELECT token::float8 AS token FROM fence`;

/** Removes events that have been told. @throws FenceLost */
export async function deleteOutbox(database: Database, eventIds: number[], fence: Fence): Promise<void> {
  const { rows } = await database.query<{ token: number }>({
    name: "delete-outbox",
    text: DELETE,
    values: [fence.name, fence.token, eventIds],
  });
  mustHold(fence, rows[0]?.token);
}

/** Keeps an event that cannot be told out of the way of the others. @throws FenceLost */
export async function putAsideOutbox(database: Database, eventId: number, fence: Fence): Promise<void> {
  await underFence(database, fence, (session) =>
    session.query("UPDATE booking_outbox SET put_aside_at = now() WHERE event_id = $1", [eventId]),
  );
}
