import type { Database } from "../database.ts";
import type { Booking, NewBooking } from "./booking.ts";

export type ConfirmOutcome =
  | { kind: "confirmed"; booking: Booking }
  /** This request of the car has a booking, in any state but REJECTED and FAILED: this one. */
  | { kind: "repeated"; booking: Booking }
  /** The car has another booking that stands: this one. */
  | { kind: "busy"; booking: Booking }
  /** The slot is not free, or its connector is out of order or unknown. */
  | { kind: "taken" };

export async function confirmBookings(_database: Database, _bookings: NewBooking[]): Promise<ConfirmOutcome[]> {
  throw new Error("not there yet");
}
