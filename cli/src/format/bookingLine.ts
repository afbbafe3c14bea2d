import type { BookingEvent } from "@greenlane/contracts";
import type { ChalkInstance } from "chalk";
import { kwhText, rateText } from "./booking.ts";
import { escaped } from "./escape.ts";
import { liveHead } from "./liveLine.ts";

interface Kind {
  sign: string;
  title: string;
  colour: "green" | "yellow" | "red" | "cyan";
  details: (event: BookingEvent) => string[];
}

const minute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

const slot = ({ station_id, connector_id, start, end }: BookingEvent) =>
  `${station_id}/${connector_id} ${minute.format(start)}–${minute.format(end)}`;
const energy = ({ kwh, price_rate }: BookingEvent) => `${kwhText(kwh)} kWh at ${rateText(price_rate)}`;
const why = ({ reason }: BookingEvent) => reason;

const KINDS: Record<BookingEvent["event_type"], Kind> = {
  booking_pending: { sign: "⏳", title: "Booking", colour: "cyan", details: (e) => [slot(e), energy(e)] },
  booking_confirmed: { sign: "📅", title: "Booked", colour: "green", details: (e) => [slot(e), energy(e)] },
  booking_failed: { sign: "⛔", title: "Not booked", colour: "red", details: (e) => [why(e)] },
  booking_expired: { sign: "⌛", title: "No-show", colour: "yellow", details: (e) => [slot(e), why(e)] },
  booking_canceled: { sign: "🚫", title: "Canceled", colour: "yellow", details: (e) => [slot(e), why(e)] },
  booking_moved: { sign: "🔁", title: "Moved", colour: "yellow", details: (e) => [slot(e), energy(e), why(e)] },
  charging_started: { sign: "🔌", title: "Charging", colour: "cyan", details: (e) => [slot(e), energy(e)] },
  charging_ended: { sign: "🏁", title: "Charged", colour: "cyan", details: (e) => [slot(e)] },
};

/** A change of a booking as an operator reads it among the reports; times are local. */
export function bookingLine(event: BookingEvent, chalk: ChalkInstance): string {
  const { sign, title, colour, details } = KINDS[event.event_type];
  const said = details(event).filter((detail) => detail !== "");
  const head = liveHead(event.timestamp, sign, event.car_id);
  return `${head} | ${chalk[colour](title)}: ${said.map(escaped).join(" | ")}`;
}
