import { type BookingEvent, type BookingResponse, WireBookingState } from "@greenlane/contracts";
import { followBookingEvents, type KafkaConfig } from "@greenlane/kafka";
import { Counter, type Runtime } from "@greenlane/runtime";
import type { CarsHere } from "./carsHere.ts";
import type { ServedStream } from "./pacedStream.ts";

/**
 * Tells the cars that speak on this instance what becomes of their bookings, from now on.
 * Rejects when Kafka does not answer.
 */
export function tellBookingNews(
  config: KafkaConfig,
  here: CarsHere<ServedStream>,
  runtime: Runtime,
): Promise<AsyncDisposable> {
  const told = new Counter({
    name: "ingestion_booking_news_total",
    help: "Changes of bookings that cars were told of, by kind",
    labelNames: ["event_type"],
    registers: [runtime.metrics],
  });
  const tell = (event: BookingEvent) => {
    here.of(event.car_id)?.tell(bookingNews(event));
    told.inc({ event_type: event.event_type });
  };
  const listener = {
    clientId: "ingestion",
    concerns: (carId: string) => here.of(carId) !== undefined,
    onEvents: (events: BookingEvent[]) => events.forEach(tell),
  };
  return followBookingEvents(config, listener, runtime);
}

/** What a car is told of a change of its booking. */
export function bookingNews(event: BookingEvent): BookingResponse {
  return {
    booking_id: event.booking_id,
    car_id: event.car_id,
    station_id: event.station_id,
    status: event.status,
    message: words(event),
    timestamp: event.timestamp,
    price_rate: event.price_rate,
    connector_id: event.connector_id,
    start: event.start,
    end: event.end,
    kwh: event.kwh,
    state: WireBookingState[event.state],
  };
}

function words(event: BookingEvent): string {
  const why = event.reason === "" ? "" : `: ${event.reason}`;
  switch (event.event_type) {
    case "booking_pending":
      return "Booking under way";
    case "booking_confirmed":
      return `Booked ${slot(event)}`;
    case "booking_failed":
      return `Not booked${why}`;
    case "booking_expired":
      return `Booking expired${why}`;
    case "booking_canceled":
      return `Booking canceled${why}`;
    case "booking_moved":
      return `Booking moved to ${slot(event)}${why}`;
    case "charging_started":
      return "Charging started";
    case "charging_ended":
      return "Charging ended";
  }
}

function slot({ station_id, connector_id, start, end, kwh, price_rate }: BookingEvent): string {
  const times = `from ${new Date(start).toISOString()} until ${new Date(end).toISOString()}`;
  return `connector ${connector_id} of ${station_id} ${times}, ${kwh.toFixed(1)} kWh at $${price_rate.toFixed(4)} per kWh`;
}
