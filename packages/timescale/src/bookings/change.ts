import type { Database } from "../database.ts";
import type { Fence } from "../fences.ts";
import type { Booking } from "./booking.ts";

/** A car that plugged in at its station. */
export interface CheckIn {
  bookingId: string;
  carId: string;
  stationId: string;
  /** Unix ms. */
  atMs: number;
}

/** A car that has left its connector. */
export interface SessionEnd {
  bookingId: string;
  carId: string;
  /** Unix ms. */
  atMs: number;
}

export async function cancelBookings(
  _database: Database,
  _bookingIds: string[],
  _reason: string,
  _fence?: Fence,
): Promise<Booking[]> {
  throw new Error("not there yet");
}

export async function checkIn(_database: Database, _entries: CheckIn[]): Promise<Booking[]> {
  throw new Error("not there yet");
}

export async function endSessions(_database: Database, _entries: SessionEnd[]): Promise<Booking[]> {
  throw new Error("not there yet");
}

export async function expireNoShows(_database: Database, _windowMs: number, _fence: Fence): Promise<Booking[]> {
  throw new Error("not there yet");
}
