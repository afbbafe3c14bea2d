import {
  type Booking__Output,
  type BookingEvent,
  BookingStatus,
  type BookingStatus__Output,
  type EngineMessage__Output,
  type Offer__Output,
  RefusalReason,
  WireBookingState,
} from "@greenlane/contracts";
import type { BookingState, ChargeRequest } from "@greenlane/domain";
import type { Booking } from "@greenlane/timescale";
import type { GridForecast } from "./gridForecast.ts";
import type { Negotiation, StandingOffer } from "./negotiation.ts";
import type { StationDirectory } from "./stationDirectory.ts";

/** The states in the words of the first contract. */
const STATUS_OF: Record<BookingState, BookingStatus__Output> = {
  PENDING: BookingStatus.BOOKING_UNKNOWN,
  RESERVED: BookingStatus.BOOKING_CONFIRMED,
  FULFILLED: BookingStatus.BOOKING_CONFIRMED,
  REJECTED: BookingStatus.BOOKING_FAILED,
  FAILED: BookingStatus.BOOKING_FAILED,
  CANCELED: BookingStatus.BOOKING_FAILED,
  NO_SHOW: BookingStatus.BOOKING_EXPIRED,
};

/** What is told of a booking. */
export type ToldBooking = Omit<Booking, "request" | "requestDigest" | "createdAtMs" | "checkedInAtMs" | "endedAtMs">;

/** A booking as an event tells of it. */
export function bookingOfEvent(event: BookingEvent): ToldBooking {
  return {
    bookingId: event.booking_id,
    requestId: event.request_id,
    carId: event.car_id,
    stationId: event.station_id,
    connectorId: event.connector_id,
    state: event.state,
    startMs: event.start,
    endMs: event.end,
    kwh: event.kwh,
    pricePerKwh: event.price_rate,
    reason: event.reason,
    updatedAtMs: event.timestamp,
    version: event.version,
  };
}

/** How the engine's words look on the wire. */
export class EngineMessages {
  readonly #stations: StationDirectory;
  readonly #forecast: GridForecast;
  readonly #arrivalWindowMs: number;

  constructor(stations: StationDirectory, forecast: GridForecast, arrivalWindowMs: number) {
    this.#stations = stations;
    this.#forecast = forecast;
    this.#arrivalWindowMs = arrivalWindowMs;
  }

  booking(booking: ToldBooking): Booking__Output {
    const station = this.#stations.get(booking.stationId);
    return {
      booking_id: booking.bookingId,
      request_id: booking.requestId,
      car_id: booking.carId,
      station_id: booking.stationId,
      connector_id: booking.connectorId,
      state: WireBookingState[booking.state],
      status: STATUS_OF[booking.state],
      start: booking.startMs,
      end: booking.endMs,
      kwh: booking.kwh,
      price_per_kwh: booking.pricePerKwh,
      arrive_by: Math.min(booking.startMs + this.#arrivalWindowMs, booking.endMs),
      updated: booking.updatedAtMs,
      version: booking.version,
      message: booking.reason,
      latitude: station?.latitude ?? 0,
      longitude: station?.longitude ?? 0,
    };
  }

  offers({ request, roundsLeft, invitation, message }: Negotiation, offers: StandingOffer[]): EngineMessage__Output {
    return {
      kind: "offers",
      offers: {
        request_id: request.requestId,
        car_id: request.carId,
        offers: offers.map((offer) => asOffer(offer, this.#forecast.pricePerKwh(offer.option))),
        rounds_left: roundsLeft,
        invitation: invitation !== "",
        message: message || invitation,
      },
    };
  }
}

function asOffer({ offerId, option, holds, expiresAtMs }: StandingOffer, gridPricePerKwh: number): Offer__Output {
  const { connector, startMs, endMs, arriveMs, km, kwh, pricePerKwh } = option;
  return {
    offer_id: offerId,
    station_id: connector.stationId,
    connector_id: connector.connectorId,
    connector_type: connector.type,
    power_kw: connector.powerKw,
    latitude: connector.at.latitude,
    longitude: connector.at.longitude,
    distance_km: km,
    arrival: arriveMs,
    start: startMs,
    end: endMs,
    kwh,
    price_per_kwh: pricePerKwh,
    price_total: pricePerKwh * kwh,
    expires: expiresAtMs,
    holds,
    expected_wait_minutes: (startMs - arriveMs) / 60_000,
    grid_price_per_kwh: gridPricePerKwh,
  };
}

export function waitlisted({ requestId, carId }: ChargeRequest, position: number): EngineMessage__Output {
  const message = "no slot keeps to the car's limits now; it hears of the first that does";
  return { kind: "waitlisted", waitlisted: { request_id: requestId, car_id: carId, position, message } };
}

const REASON_NAMES = new Map<unknown, string>(Object.entries(RefusalReason).map(([name, reason]) => [reason, name]));

/** What a message is: its kind, or why it refuses. */
export function nameOf({ kind, refusal: refused }: EngineMessage__Output): string {
  return REASON_NAMES.get(refused?.reason)?.toLowerCase() ?? kind ?? "";
}
