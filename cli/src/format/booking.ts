import type { Booking } from "@greenlane/timescale";
import type { Column } from "./table.ts";
import { instant } from "./time.ts";

/** A booking with the wire's names. */
export function bookingJson(booking: Booking): object {
  return {
    booking_id: booking.bookingId,
    request_id: booking.requestId,
    car_id: booking.carId,
    station_id: booking.stationId,
    connector_id: booking.connectorId,
    state: booking.state,
    start: booking.startMs,
    end: booking.endMs,
    kwh: booking.kwh,
    price_per_kwh: booking.pricePerKwh,
    message: booking.reason,
    created: booking.createdAtMs,
    updated: booking.updatedAtMs,
    checked_in: booking.checkedInAtMs ?? null,
    version: booking.version,
  };
}

export const BOOKING_JSON =
  "booking_id, request_id, car_id, station_id, connector_id, state, start, end, kwh, price_per_kwh, message, created, updated, checked_in|null, version";

/** A moment of a slot; nothing where a booking never had one. */
export const slotTime = (ms: number) => (ms === 0 ? "" : instant(ms));
export const kwhText = (kwh: number) => kwh.toFixed(1);
export const rateText = (pricePerKwh: number) => `$${pricePerKwh.toFixed(4)}`;
export const energyText = ({ kwh, pricePerKwh }: { kwh: number; pricePerKwh: number }) =>
  `${kwhText(kwh)} kWh at ${rateText(pricePerKwh)} per kWh, $${(kwh * pricePerKwh).toFixed(2)} in all`;

export const BOOKING_COLUMNS: Column<Booking>[] = [
  { title: "BOOKING", cell: ({ bookingId }) => bookingId },
  { title: "CAR", cell: ({ carId }) => carId },
  { title: "STATION", cell: ({ stationId }) => stationId },
  { title: "CONNECTOR", cell: ({ connectorId }) => connectorId },
  { title: "STATE", cell: ({ state }) => state },
  { title: "FROM", cell: ({ startMs }) => slotTime(startMs) },
  { title: "UNTIL", cell: ({ endMs }) => slotTime(endMs) },
  { title: "KWH", cell: ({ kwh }) => kwhText(kwh), align: "right" },
  { title: "$/KWH", cell: ({ pricePerKwh }) => pricePerKwh.toFixed(4), align: "right" },
];
