import type { Database } from "../database.ts";
import type { Booking, NewBooking } from "./booking.ts";

/** A request that got no booking. Without a slot: "" for the ids and 0 for the times. */
export type RefusedBooking = NewBooking & { state: "REJECTED" | "FAILED"; reason: string };

export async function refuseBooking(_database: Database, _refused: RefusedBooking): Promise<Booking> {
  throw new Error("not there yet");
}
