import type { RecordableHistogram } from "node:perf_hooks";
import {
  API_TOKEN_METADATA,
  type BookingResponse__Output,
  BookingStatus,
  type CarStatus,
  type Telemetry,
} from "@greenlane/contracts";
import { backoffMs } from "@greenlane/runtime";
import { type ClientDuplexStream, Metadata } from "@grpc/grpc-js";

export type TelemetryCall = ClientDuplexStream<CarStatus, BookingResponse__Output>;

/** What all links of a fleet count together. */
export interface LinkCounts {
  sent: number;
  acked: number;
  rejected: number;
  resent: number;
  reconnects: number;
  /** From the first sending of a report to its ack, µs. */
  ackLatencyUs: RecordableHistogram;
}

const RECONNECT = { baseMs: 100, maxMs: 5_000 };
/** Reports that may wait for their ack; a car whose buffer is full makes none until there is room. */
const MAX_UNACKED = 600;

interface Unacked {
  report: Telemetry;
  sentAtMs: number;
}

/** One car's stream to ingestion: keeps what is not acked, reconnects by itself, and sends it again in order. */
export class CarLink {
  readonly #open: (metadata: Metadata) => TelemetryCall;
  readonly #counts: LinkCounts;
  readonly #metadata = new Metadata();
  readonly #onTrouble: (message: string) => void;
  #unacked: Unacked[] = [];
  #call: TelemetryCall | undefined;
  #attempt = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    open: (metadata: Metadata) => TelemetryCall,
    token: string,
    counts: LinkCounts,
    onTrouble: (message: string) => void,
  ) {
    this.#open = open;
    this.#counts = counts;
    this.#onTrouble = onTrouble;
    this.#metadata.set(API_TOKEN_METADATA, token);
  }

  get unacked(): number {
    return this.#unacked.length;
  }

  /** Whether the link can take another report now. */
  hasRoom(): boolean {
    return this.#unacked.length < MAX_UNACKED;
  }

  send(report: Telemetry): void {
    this.#counts.sent++;
    this.#unacked.push({ report, sentAtMs: performance.now() });
    if (this.#call !== undefined) this.#call.write(asCarStatus(report));
    else if (this.#retry === undefined) this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#call?.end();
  }

  #connect(): void {
    this.#retry = undefined;
    const call = this.#open(this.#metadata);
    this.#call = call;
    call.on("data", (response: BookingResponse__Output) => this.#answered(response));
    call.on("error", (error: Error) => this.#lost(call, error.message));
    call.on("end", () => this.#lost(call, undefined));
    for (const { report } of this.#unacked) call.write(asCarStatus(report));
    if (this.#attempt > 0) this.#counts.resent += this.#unacked.length;
  }

  #answered(response: BookingResponse__Output): void {
    const first = this.#unacked[0];
    if (response.booking_id !== "") return; // news of a booking
    if (first === undefined || response.timestamp !== first.report.timestampMs) return;
    this.#attempt = 0;
    this.#unacked.shift();
    if (response.status === BookingStatus.BOOKING_FAILED) {
      this.#counts.rejected++;
      this.#onTrouble(`rejected: ${response.message}`);
      return;
    }
    this.#counts.acked++;
    this.#counts.ackLatencyUs.record(Math.max(1, Math.round((performance.now() - first.sentAtMs) * 1_000)));
  }

  #lost(call: TelemetryCall, trouble: string | undefined): void {
    if (this.#call !== call) return;
    this.#call = undefined;
    if (trouble !== undefined) this.#onTrouble(trouble);
    if (this.#closed) return;
    this.#counts.reconnects++;
    this.#retry = setTimeout(() => this.#connect(), backoffMs(this.#attempt, RECONNECT) + 10);
    this.#attempt++;
  }
}

function asCarStatus(t: Telemetry): CarStatus {
  return {
    car_id: t.carId,
    latitude: t.latitude,
    longitude: t.longitude,
    battery_level: t.batteryPercent,
    velocity: t.velocityKmh,
    timestamp: t.timestampMs,
    charging_station_id: t.chargingStationId,
    session_id: t.sessionId,
    energy_kwh: t.energyKwh,
    odometer_km: t.odometerKm,
  };
}
