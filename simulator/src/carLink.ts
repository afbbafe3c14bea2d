import { type BookingResponse__Output, BookingStatus, type CarStatus, type Telemetry } from "@greenlane/contracts";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import { KeptStream } from "./keptStream.ts";
import { countAcked, type LinkCounts, MAX_UNACKED_A_CAR, type ReportLink, type Unacked } from "./reportLink.ts";

export type TelemetryCall = ClientDuplexStream<CarStatus, BookingResponse__Output>;

/** One car's stream to ingestion. */
export class CarLink implements ReportLink {
  readonly #counts: LinkCounts;
  readonly #stream: KeptStream<CarStatus, BookingResponse__Output>;
  readonly #onTrouble: (message: string) => void;
  #unacked: Unacked[] = [];

  constructor(open: () => TelemetryCall, counts: LinkCounts, onTrouble: (message: string) => void) {
    this.#counts = counts;
    this.#onTrouble = onTrouble;
    this.#stream = new KeptStream(open, {
      opened: (isAgain) => {
        for (const { report } of this.#unacked) this.#stream.write(asCarStatus(report));
        if (isAgain) counts.resent += this.#unacked.length;
      },
      heard: (response) => this.#answered(response),
      trouble: onTrouble,
      lost: () => {
        counts.reconnects++;
      },
    });
  }

  get unacked(): number {
    return this.#unacked.length;
  }

  hasRoom(): boolean {
    return this.#unacked.length < MAX_UNACKED_A_CAR;
  }

  send(report: Telemetry): void {
    this.#counts.sent++;
    this.#unacked.push({ report, sentAtMs: performance.now() });
    if (this.#stream.isOpen) this.#stream.write(asCarStatus(report));
    else this.#stream.open();
  }

  close(): void {
    this.#stream.close();
  }

  #answered(response: BookingResponse__Output): void {
    const first = this.#unacked[0];
    if (response.booking_id !== "") return; // news of a booking
    if (first === undefined || response.timestamp !== first.report.timestampMs) return;
    this.#stream.thrives();
    this.#unacked.shift();
    if (response.status === BookingStatus.BOOKING_FAILED) {
      this.#counts.rejected++;
      this.#onTrouble(`rejected: ${response.message}`);
    } else countAcked(this.#counts, first);
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
