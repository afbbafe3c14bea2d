import type { BookingState } from "@greenlane/domain";
import type { Database } from "../database.ts";
import type { Booking } from "./booking.ts";

export interface BookingFilter {
  carId?: string | undefined;
  stationId?: string | undefined;
  states?: BookingState[] | undefined;
  /** Bookings whose slot begins (or, without a slot, that were refused) at this moment or later, Unix ms. */
  fromMs?: number | undefined;
  /** … and before this one, Unix ms. */
  untilMs?: number | undefined;
  limit: number;
}

export async function standingBookings(_database: Database, _stationIds?: string[]): Promise<Booking[]> {
  throw new Error("not there yet");
}

export async function findBooking(_database: Database, _bookingId: string): Promise<Booking | undefined> {
  throw new Error("not there yet");
}

export async function findBookingOfRequest(
  _database: Database,
  _carId: string,
  _requestId: string,
): Promise<Booking | undefined> {
  throw new Error("not there yet");
}

export async function bookingsOnOutOfOrder(_database: Database): Promise<Booking[]> {
  throw new Error("not there yet");
}

export async function listBookings(_database: Database, _filter: BookingFilter): Promise<Booking[]> {
  throw new Error("not there yet");
}
