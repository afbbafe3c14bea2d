import { randomUUID } from "node:crypto";
import {
  type Booking__Output,
  type BookingRequest__Output,
  type BookingResponse,
  BookingStatus,
  idFault,
  MAX_TIME_MS,
  type Offers,
  RefusalReason,
  rangeFault,
  WireBookingState,
} from "@greenlane/contracts";
import type { ChargeRequest } from "@greenlane/domain";
import { carState, type Redis } from "@greenlane/redis";
import type { Runtime } from "@greenlane/runtime";
import {
  type Booking,
  bookingsOfRequests,
  type Database,
  findBookingOfRequest,
  refuseBooking,
  type Station,
} from "@greenlane/timescale";
import { status } from "@grpc/grpc-js";

import { CallFault, mustHold } from "./callFault.ts";
import { DAY_MS, DEFAULT_VALUE_PER_HOUR, NO_LIMIT } from "./chargeRequests.ts";
import type { Engine } from "./engine.ts";
import type { EngineMessages } from "./engineMessages.ts";
import { digestOf } from "./negotiation.ts";
import type { Party } from "./parties.ts";
import type { StationDirectory } from "./stationDirectory.ts";

const DEFAULT_TARGET_PERCENT = 80;
const DEFAULT_CAPACITY_KWH = 62;
/** Enough for a match and a commit with retries; a client that waits longer asks again, with the same request_id. */
const ANSWER_TIMEOUT_MS = 10_000;
const TOO_LONG = "it took too long; ask again with the same request_id";

/** Books at a station that the client names: a negotiation in which the first offer is accepted. */
export class NamedStation {
  readonly #engine: Engine;
  readonly #directory: StationDirectory;
  readonly #database: Database;
  readonly #redis: Redis;
  readonly #messages: EngineMessages;
  readonly #runtime: Runtime;

  constructor(
    parts: {
      engine: Engine;
      directory: StationDirectory;
      database: Database;
      redis: Redis;
      messages: EngineMessages;
    },
    runtime: Runtime,
  ) {
    this.#engine = parts.engine;
    this.#directory = parts.directory;
    this.#database = parts.database;
    this.#redis = parts.redis;
    this.#messages = parts.messages;
    this.#runtime = runtime;
  }

  /** @throws CallFault */
  async book(wire: BookingRequest__Output): Promise<BookingResponse> {
    mustHold(requestFault(wire));
    const station = this.#directory.get(wire.station_id);
    if (station === undefined) throw new CallFault(status.NOT_FOUND, `there is no station ${wire.station_id}`);
    if (wire.request_id === "") {
      const [standing] = await bookingsOfRequests(this.#database, [{ carId: wire.car_id, requestId: "" }]);
      if (standing?.stationId === wire.station_id) return bookedResponse(this.#messages.booking(standing));
    }
    const request = await this.#asRequest(wire, station);
    const answer = await this.#negotiate(request, digestOf(wire));
    if (answer.kind === "booked") return bookedResponse(answer.booking);
    if (answer.kind === "fault") throw answer.fault;
    return this.#refused(request, station, answer.message);
  }

  /** Asks, takes the first offer, and waits for what comes of it. */
  #negotiate(request: ChargeRequest, digest: string): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const of = { car_id: request.carId, request_id: request.requestId };
    let isOver = false;
    const party: Party = {
      get isOver() {
        return isOver;
      },
      keepsRefusals: true,
      tell: ({ booking, offers, refusal, waitlisted }) => {
        if (booking) resolve({ kind: "booked", booking: booking as Booking__Output });
        else if (offers && isOver) this.#engine.decline(of, party);
        else if (offers) this.#engine.accept({ ...of, offer_id: firstOf(offers) }, party);
        else if (waitlisted) {
          this.#engine.decline(of, party);
          resolve({ kind: "refused", message: "the station has no slot that keeps to the request's limits" });
        } else if (refusal) {
          const { reason, message = "", retry_after_ms } = refusal;
          const code = reason === RefusalReason.OVERLOADED ? status.RESOURCE_EXHAUSTED : status.UNAVAILABLE;
          if (!retry_after_ms) resolve({ kind: "refused", message });
          else resolve({ kind: "fault", fault: new CallFault(code, message, Number(retry_after_ms)) });
        }
      },
    };
    const timeout = setTimeout(
      () => resolve({ kind: "fault", fault: new CallFault(status.UNAVAILABLE, TOO_LONG) }),
      ANSWER_TIMEOUT_MS,
    );
    this.#engine.ask(request, digest, party);
    return promise.finally(() => {
      isOver = true;
      clearTimeout(timeout);
    });
  }

  /** A refusal is kept too, so that its event is told. */
  async #refused(request: ChargeRequest, { stationId }: Station, message: string): Promise<BookingResponse> {
    const { carId, requestId } = request;
    const former = await findBookingOfRequest(this.#database, carId, requestId);
    const isTold = former?.state === "REJECTED" && former.reason === message;
    const refused = isTold ? former : await this.#keepRefusal(request, stationId, message);
    return {
      booking_id: refused.bookingId,
      car_id: carId,
      station_id: stationId,
      status: BookingStatus.BOOKING_FAILED,
      state: WireBookingState.REJECTED,
      message,
      timestamp: refused.updatedAtMs,
    };
  }

  #keepRefusal(request: ChargeRequest, stationId: string, reason: string): Promise<Booking> {
    return refuseBooking(this.#database, {
      bookingId: randomUUID(),
      requestId: request.requestId,
      carId: request.carId,
      stationId,
      connectorId: "",
      startMs: 0,
      endMs: 0,
      kwh: 0,
      pricePerKwh: 0,
      request,
      requestDigest: "",
      state: "REJECTED",
      reason,
    });
  }

  /** A car that says when it arrives is taken at its word; else it comes from where it reported itself last. */
  async #asRequest(wire: BookingRequest__Output, station: Station): Promise<ChargeRequest> {
    const nowMs = this.#runtime.clock.nowMs();
    const report =
      wire.expected_arrival === 0 ? await carState(this.#redis, wire.car_id).catch(() => undefined) : undefined;
    const targetPercent = wire.target_level || DEFAULT_TARGET_PERCENT;
    return {
      requestId: wire.request_id || randomUUID(),
      carId: wire.car_id,
      askedAtMs: nowMs,
      at: {
        latitude: report?.latitude ?? station.latitude,
        longitude: report?.longitude ?? station.longitude,
      },
      batteryPercent: wire.battery_level,
      capacityKwh: wire.capacity_kwh || DEFAULT_CAPACITY_KWH,
      kwhPerKm: 0,
      targetPercent,
      leastPercent: targetPercent,
      maxPowerKw: wire.max_power_kw || NO_LIMIT,
      connectorTypes: [],
      stationIds: [station.stationId],
      earliestMs: wire.expected_arrival,
      latestMs: Math.max(nowMs, wire.expected_arrival) + DAY_MS,
      maxWaitMs: NO_LIMIT,
      valuePerHour: DEFAULT_VALUE_PER_HOUR,
      maxPricePerKwh: NO_LIMIT,
    };
  }
}

type Answer =
  | { kind: "booked"; booking: Booking__Output }
  | { kind: "refused"; message: string }
  | { kind: "fault"; fault: CallFault };

const firstOf = ({ offers }: Offers): string => offers?.[0]?.offer_id ?? "";

function requestFault(wire: BookingRequest__Output): string | null {
  const target = wire.target_level || DEFAULT_TARGET_PERCENT;
  return (
    idFault("car_id", wire.car_id) ??
    idFault("station_id", wire.station_id) ??
    (wire.request_id === "" ? null : idFault("request_id", wire.request_id)) ??
    rangeFault("battery_level", wire.battery_level, 0, 100) ??
    rangeFault("target_level", wire.target_level, 0, 100) ??
    (target > wire.battery_level ? null : "target_level must be above battery_level") ??
    (wire.capacity_kwh === 0 ? null : rangeFault("capacity_kwh", wire.capacity_kwh, 1, 2_000)) ??
    rangeFault("max_power_kw", wire.max_power_kw, 0, 10_000) ??
    rangeFault("expected_arrival", wire.expected_arrival, 0, MAX_TIME_MS)
  );
}

function bookedResponse(booking: Booking__Output): BookingResponse {
  return {
    booking_id: booking.booking_id,
    car_id: booking.car_id,
    station_id: booking.station_id,
    status: booking.status,
    message: booking.message,
    timestamp: booking.updated,
    price_rate: booking.price_per_kwh,
    connector_id: booking.connector_id,
    start: booking.start,
    end: booking.end,
    kwh: booking.kwh,
    state: booking.state,
  };
}
