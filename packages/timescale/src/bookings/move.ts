import { isDeepStrictEqual } from "node:util";
import { EXCLUSION_VIOLATION, retryCollisions } from "../collisions.ts";
import { type Database, type Session, sqlState } from "../database.ts";
import { type Fence, underFence } from "../fences.ts";
import {
  asBooking,
  BOOKING_COLUMNS,
  type BookedSlot,
  type Booking,
  type BookingRow,
  type SeenBooking,
} from "./booking.ts";

export interface MovedSlot extends BookedSlot, Pick<Booking, "kwh" | "pricePerKwh"> {
  /** What the car asks for from now on; left out: what it asked for. */
  request?: unknown;
}

export type MoveBookingOutcome =
  | { kind: "moved"; booking: Booking }
  /** The slot is not free, or its connector is out of order or unknown. */
  | { kind: "taken" }
  /** It is not RESERVED, or has changed since it was seen. */
  | { kind: "gone" };

/**
 * Gives a RESERVED booking that is as it was seen another slot, energy and price. Doing it twice is the same as once.
 * @throws FenceLost
 */
export async function moveBooking(
  database: Database,
  seen: SeenBooking,
  to: MovedSlot,
  reason: string,
  fence?: Fence,
): Promise<MoveBookingOutcome> {
  try {
    return await retryCollisions(() => underFence(database, fence, (session) => moveWithin(session, seen, to, reason)));
  } catch (error) {
    if (sqlState(error) === EXCLUSION_VIOLATION) return { kind: "taken" };
    throw error;
  }
}

async function moveWithin(
  session: Session,
  { bookingId, version }: SeenBooking,
  to: MovedSlot,
  reason: string,
): Promise<MoveBookingOutcome> {
  const standing = await session.query<BookingRow>(
    `SELECT ${BOOKING_COLUMNS} FROM bookings b WHERE booking_id = $1 AND state = 'RESERVED' FOR UPDATE`,
    [bookingId],
  );
  const [row] = standing.rows;
  if (row === undefined) return { kind: "gone" };
  if (isThere(row, to)) return { kind: "moved", booking: asBooking(row) };
  if (row.version !== version) return { kind: "gone" };
  const connector = await session.query(
    "SELECT FROM connectors WHERE station_id = $1 AND connector_id = $2 AND status = 'available' FOR SHARE",
    [to.stationId, to.connectorId],
  );
  if (connector.rowCount === 0) return { kind: "taken" };
  const moved = await session.query<BookingRow>(
    `UPDATE bookings b SET station_id = $2, connector_id = $3, slot = tstzrange(to_timestamp($4 / 1000.0), to_timestamp($5 / 1000.0)),
            kwh = $6, price_per_kwh = $7, reason = $8, request = coalesce($9, request)
     WHERE booking_id = $1 RETURNING ${BOOKING_COLUMNS}`,
    [
      bookingId,
      to.stationId,
      to.connectorId,
      to.startMs,
      to.endMs,
      to.kwh,
      to.pricePerKwh,
      reason,
      to.request === undefined ? null : JSON.stringify(to.request),
    ],
  );
  const [now] = moved.rows;
  if (now === undefined) throw new TypeError(`booking ${bookingId} was locked, and is not there`);
  return { kind: "moved", booking: asBooking(now) };
}

function isThere(row: BookingRow, to: MovedSlot): boolean {
  const parts = ["stationId", "connectorId", "startMs", "endMs", "kwh", "pricePerKwh"] as const;
  const asksTheSame = to.request === undefined || isDeepStrictEqual(row.request, to.request);
  return asksTheSame && parts.every((part) => row[part] === to[part]);
}
