import type { BookingEvent } from "@greenlane/contracts";
import type { BookingState } from "@greenlane/domain";
import { at } from "./seedDay.ts";

export interface SeededBooking {
  bookingId: string;
  requestId: string;
  carId: string;
  stationId?: string;
  connectorId?: string;
  startMs?: number;
  endMs?: number;
  state: BookingState;
  kwh: number;
  pricePerKwh: number;
  reason: string;
  request: object;
  createdAtMs: number;
  updatedAtMs: number;
  checkedInAtMs?: number;
  version: number;
}

const asked = (carId: string) => ({ carId, batteryPercent: 12, targetPercent: 80, earliestMs: 0 });

/** What the seeded fleet had booked at the end of the day. */
export const BOOKINGS: SeededBooking[] = [
  {
    ...{ bookingId: "CAR-003-1", requestId: "R-1", carId: "CAR-003", stationId: "S-12", connectorId: "2" },
    ...{ startMs: at(20, 15, 32), endMs: at(20, 40, 0), state: "FULFILLED", kwh: 20, pricePerKwh: 0.29 },
    ...{ reason: "its connector is out of order", request: asked("CAR-003"), createdAtMs: at(20, 10, 0) },
    ...{ updatedAtMs: at(20, 15, 33), checkedInAtMs: at(20, 15, 33), version: 3 },
  },
  {
    ...{ bookingId: "B-2", requestId: "R-2", carId: "CAR-001", stationId: "S-12", connectorId: "1" },
    ...{ startMs: at(20, 30, 0), endMs: at(20, 55, 0), state: "RESERVED", kwh: 17.5, pricePerKwh: 0.3125, reason: "" },
    ...{ request: asked("CAR-001"), createdAtMs: at(20, 15, 32), updatedAtMs: at(20, 15, 32), version: 1 },
  },
  {
    ...{ bookingId: "B-3", requestId: "R-3", carId: "CAR-002", stationId: "S-7", connectorId: "1" },
    ...{ startMs: at(19, 55, 33), endMs: at(20, 25, 0), state: "NO_SHOW", kwh: 12, pricePerKwh: 0.2894 },
    ...{ reason: "the car did not come in time", request: asked("CAR-002"), createdAtMs: at(19, 50, 0) },
    ...{ updatedAtMs: at(20, 15, 33), version: 2 },
  },
  {
    ...{ bookingId: "B-4", requestId: "R-4", carId: "CAR-004", state: "REJECTED", kwh: 0, pricePerKwh: 0 },
    ...{ reason: "the station has no slot that keeps to the request's limits", request: asked("CAR-004") },
    ...{ createdAtMs: at(20, 15, 34), updatedAtMs: at(20, 15, 34), version: 1 },
  },
  {
    ...{ bookingId: "B-5", requestId: "R-5", carId: "CAR-005", stationId: "S-7", connectorId: "2" },
    ...{ startMs: at(21, 0, 0), endMs: at(21, 20, 0), state: "CANCELED", kwh: 15, pricePerKwh: 0.31 },
    ...{ reason: "workshop\u001b[2J", request: asked("CAR-005"), createdAtMs: at(20, 0, 0) },
    ...{ updatedAtMs: at(20, 15, 34), version: 2 },
  },
];

const STATUS = { RESERVED: 1, FULFILLED: 1, NO_SHOW: 3, REJECTED: 2, CANCELED: 2, FAILED: 2, PENDING: 0 } as const;

/** An event of a booking, as it was at the end but for what is given. */
function told(bookingId: string, event_type: BookingEvent["event_type"], change: Partial<BookingEvent>): BookingEvent {
  const booking = BOOKINGS.find((each) => each.bookingId === bookingId);
  if (booking === undefined) throw new TypeError(`there is no booking ${bookingId}`);
  const state = change.state ?? booking.state;
  return {
    ...{ event_id: 1, event_type, booking_id: bookingId, car_id: booking.carId, request_id: booking.requestId },
    ...{ station_id: booking.stationId ?? "", connector_id: booking.connectorId ?? "", status: STATUS[state], state },
    ...{ timestamp: booking.updatedAtMs, price_rate: booking.pricePerKwh, kwh: booking.kwh, reason: booking.reason },
    ...{ start: booking.startMs ?? 0, end: booking.endMs ?? 0, version: booking.version, ...change },
  };
}

/** What was told of them since, in order. */
export const BOOKING_EVENTS: BookingEvent[] = [
  told("CAR-003-1", "booking_confirmed", {
    ...{ event_id: 11, state: "RESERVED", connector_id: "1", reason: "", version: 1, timestamp: at(20, 10, 0) },
  }),
  told("CAR-003-1", "booking_moved", { event_id: 12, state: "RESERVED", version: 2, timestamp: at(20, 15, 32, 5) }),
  told("B-2", "booking_confirmed", { event_id: 13, timestamp: at(20, 15, 32, 15) }),
  told("CAR-003-1", "charging_started", { event_id: 14, timestamp: at(20, 15, 33, 15) }),
  told("B-3", "booking_expired", { event_id: 15, timestamp: at(20, 15, 33, 25) }),
  told("B-4", "booking_failed", { event_id: 16, timestamp: at(20, 15, 34, 5) }),
  told("B-5", "booking_canceled", { event_id: 17, timestamp: at(20, 15, 34, 20) }),
];
