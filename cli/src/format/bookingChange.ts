import type { BookingEvent } from "@greenlane/contracts";
import { energyText, slotTime } from "./booking.ts";
import { escaped } from "./escape.ts";

/** A change of a booking in some lines. */
export function bookingChangeText(event: BookingEvent): string {
  const lines = [`${event.event_type}: booking ${event.booking_id} is ${event.state}, version ${event.version}`];
  if (event.station_id !== "" && event.start !== 0) {
    lines.push(`${event.station_id}/${event.connector_id} from ${slotTime(event.start)} until ${slotTime(event.end)}`);
    lines.push(energyText({ kwh: event.kwh, pricePerKwh: event.price_rate }));
  }
  if (event.reason !== "") lines.push(event.reason);
  lines.push(`event ${event.event_id}, request ${event.request_id}`);
  return lines.map(escaped).join("\n");
}
