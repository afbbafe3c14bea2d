import { z } from "zod";
import { MAX_TIME_MS } from "./faults.ts";

/** As an int32 of the wire holds it. */
const MAX_VERSION = 2 ** 31 - 1;

/** Unix ms, of which a date can be made. */
const moment = z.number().min(0).max(MAX_TIME_MS);

export const BOOKING_EVENT_TYPES = [
  "booking_pending",
  "booking_confirmed",
  /** It was rejected, or it could not be kept. */
  "booking_failed",
  /** The car did not come. */
  "booking_expired",
  "booking_canceled",
  "booking_moved",
  "charging_started",
  "charging_ended",
] as const;

/** The JSON value of an event on `booking-events`. Key: car id. May come twice: `event_id` tells. */
export const bookingEventSchema = z.object({
  event_id: z.number().int(),
  event_type: z.enum(BOOKING_EVENT_TYPES),
  booking_id: z.string(),
  car_id: z.string(),
  station_id: z.string(),
  connector_id: z.string(),
  /** As in the wire's BookingStatus: 1 confirmed, 2 failed, 3 expired. */
  status: z.literal([0, 1, 2, 3]),
  /** In the words of OCPI's Bookings module. */
  state: z.enum(["PENDING", "RESERVED", "REJECTED", "FAILED", "FULFILLED", "CANCELED", "NO_SHOW"]),
  /** Unix ms, of the change. */
  timestamp: moment,
  /** Locked, dollars per kWh. */
  price_rate: z.number(),
  /** Unix ms; 0 when it never had a slot. */
  start: moment,
  end: moment,
  kwh: z.number(),
  request_id: z.string(),
  reason: z.string(),
  /** Rises with each change of the booking. */
  version: z.number().int().min(1).max(MAX_VERSION),
});

export type BookingEvent = z.infer<typeof bookingEventSchema>;

/** Reads a value of `booking-events`; undefined for what is none. */
export function decodeBookingEvent(value: Uint8Array | null): BookingEvent | undefined {
  if (value === null) return undefined;
  try {
    const json: unknown = JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf8"));
    return bookingEventSchema.safeParse(json).data;
  } catch {
    return undefined;
  }
}
