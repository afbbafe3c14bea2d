import type { Database } from "../database.ts";
import type { Fence } from "../fences.ts";
import type { BookedSlot, Booking } from "./booking.ts";

export type MovedSlot = BookedSlot & Pick<Booking, "kwh" | "pricePerKwh">;

export type MoveBookingOutcome =
  | { kind: "moved"; booking: Booking }
  /** The slot is not free, or its connector is out of order or unknown. */
  | { kind: "taken" }
  /** It is not RESERVED, or no longer. */
  | { kind: "gone" };

export async function moveBooking(
  _database: Database,
  _bookingId: string,
  _to: MovedSlot,
  _reason: string,
  _fence?: Fence,
): Promise<MoveBookingOutcome> {
  throw new Error("not there yet");
}
