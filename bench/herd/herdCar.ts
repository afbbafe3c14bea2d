import {
  type Booking__Output,
  type CarMessage,
  type EngineMessage__Output,
  type Offers__Output,
  type Refusal__Output,
  RefusalReason,
  WireBookingState,
} from "@greenlane/contracts";
import type { AskingCar, CarRecord, CommonWish } from "./generatorMessages.ts";

/** How long it waits before it asks again when what it wanted is gone. */
const GONE_PAUSE_MS = 50;
/** A car that hears nothing for so long utters its request again. */
const PATIENCE_MS = 60_000;

/** Unix ms with fractions, that never goes back. */
export const nowMs = () => performance.timeOrigin + performance.now();

/** A car that asks once, takes the first offer it gets, and says its request again, with the same id, when it must. */
export class HerdCar {
  readonly record: CarRecord;
  readonly #request: CarMessage;
  readonly #requestId: string;
  readonly #say: (message: CarMessage) => void;
  #state: "still" | "asking" | "accepting" | "in line" | "booked" | "refused" = "still";
  #heardAtMs = 0;
  #acceptedAtMs = 0;

  constructor(car: AskingCar, wish: CommonWish, say: (message: CarMessage) => void) {
    const { carId } = car;
    this.#requestId = `${carId}-request`;
    this.#say = say;
    this.#request = {
      request: {
        request_id: this.#requestId,
        car_id: carId,
        latitude: car.latitude,
        longitude: car.longitude,
        battery_level: car.batteryPercent,
        capacity_kwh: wish.capacityKwh,
        consumption_kwh_per_km: wish.kwhPerKm,
        target_level: wish.targetPercent,
        least_level: wish.targetPercent,
        max_power_kw: wish.maxPowerKw,
        value_per_hour: wish.valuePerHour,
      },
    };
    this.record = {
      carId,
      askedAtMs: 0,
      answeredAtMs: undefined,
      offeredAtMs: undefined,
      acceptedAtMs: undefined,
      confirmedAtMs: undefined,
      end: "unanswered",
      told: [],
      repeats: 0,
      slotsLost: 0,
      refusal: "",
    };
  }

  /** Whether nothing more is to come. */
  get isSettled(): boolean {
    return this.#state === "booked" || this.#state === "refused";
  }

  get isInLine(): boolean {
    return this.#state === "in line";
  }

  ask(): void {
    this.#state = "asking";
    this.record.askedAtMs = nowMs();
    this.#heardAtMs = this.record.askedAtMs;
    this.#say(this.#request);
  }

  /** Its stream is a new one, or it has lost patience. */
  askAgain(): void {
    if (this.isSettled || this.#state === "still") return;
    this.#state = "asking";
    this.#heardAtMs = nowMs();
    this.record.repeats++;
    this.#say(this.#request);
  }

  /** Asks again when it has heard nothing for long; those in line have heard. */
  remind(): void {
    if (!this.isInLine && nowMs() - this.#heardAtMs > PATIENCE_MS) this.askAgain();
  }

  /** Ends without a booking: a place in line is given up. */
  giveUp(): void {
    if (this.isSettled) return;
    if (this.isInLine) this.record.end = "waitlisted";
    this.#say({ decline: { car_id: this.record.carId, request_id: this.#requestId } });
    this.#state = "refused";
  }

  hear({ offers, booking, waitlisted, refusal }: EngineMessage__Output): void {
    this.#heardAtMs = nowMs();
    if (booking) this.#heardOfBooking(booking);
    else if (this.isSettled || this.#state === "still") return;
    else if (offers) this.#takeFirst(offers);
    else if (refusal) this.#refused(refusal);
    else if (waitlisted) {
      this.record.answeredAtMs ??= this.#heardAtMs;
      this.#state = "in line";
    }
  }

  #takeFirst({ offers }: Offers__Output): void {
    this.record.answeredAtMs ??= this.#heardAtMs;
    this.record.offeredAtMs ??= this.#heardAtMs;
    if (this.#state === "accepting") this.record.slotsLost++;
    this.#state = "accepting";
    this.#acceptedAtMs = nowMs();
    const { carId } = this.record;
    this.#say({ accept: { car_id: carId, request_id: this.#requestId, offer_id: offers[0]?.offer_id ?? "" } });
  }

  #heardOfBooking(booking: Booking__Output): void {
    const { booking_id: bookingId, station_id: stationId, connector_id: connectorId, start, end, state } = booking;
    const { record } = this;
    record.told = record.told.filter((known) => known.bookingId !== bookingId);
    if (state !== WireBookingState.RESERVED) {
      record.refusal = `booking ${bookingId} is in state ${state}: ${booking.message}`;
      return;
    }
    record.told.push({ bookingId, stationId, connectorId, startMs: start, endMs: end });
    record.answeredAtMs ??= this.#heardAtMs;
    if (this.#state === "booked") return;
    record.acceptedAtMs = this.#acceptedAtMs || undefined;
    record.confirmedAtMs = this.#heardAtMs;
    record.end = "booked";
    this.#state = "booked";
  }

  #refused({ reason, message, retry_after_ms }: Refusal__Output): void {
    this.record.refusal = message;
    const isGone = reason === RefusalReason.GONE;
    if (isGone || retry_after_ms > 0) {
      setTimeout(() => this.askAgain(), isGone ? GONE_PAUSE_MS : retry_after_ms);
      return;
    }
    this.record.answeredAtMs ??= this.#heardAtMs;
    this.record.end = "refused";
    this.#state = "refused";
  }
}
