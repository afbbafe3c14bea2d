import { API_TOKEN_METADATA, type BookingResponse__Output, BookingStatus, type CarStatus } from "@greenlane/contracts";
import { backoffMs } from "@greenlane/runtime";
import { type ClientDuplexStream, Metadata } from "@grpc/grpc-js";

export type TelemetryCall = ClientDuplexStream<CarStatus, BookingResponse__Output>;

/** A report as it is kept until its ack. */
export interface SentReport {
  status: CarStatus & { car_id: string; timestamp: number; session_id: string; energy_kwh: number };
  sentAtMs: number;
}

/** Told what becomes of a car's reports. */
export interface ReportObserver {
  acked(report: SentReport): void;
  rejected(message: string): void;
  streamLost(): void;
}

const RECONNECT = { baseMs: 100, maxMs: 1_000 };
/** A car that has so many reports unacknowledged makes none until there is room. */
const MAX_UNACKED = 2_000;

/** A car's stream to ingestion: keeps what is not acked, comes back with backoff, and sends it again in order. */
export class ReportingCar {
  readonly #open: (metadata: Metadata) => TelemetryCall;
  readonly #observer: ReportObserver;
  readonly #metadata = new Metadata();
  readonly #unacked: SentReport[] = [];
  #call: TelemetryCall | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(open: (metadata: Metadata) => TelemetryCall, token: string, observer: ReportObserver) {
    this.#open = open;
    this.#observer = observer;
    this.#metadata.set(API_TOKEN_METADATA, token);
  }

  get unacked(): readonly SentReport[] {
    return this.#unacked;
  }

  hasRoom(): boolean {
    return this.#unacked.length < MAX_UNACKED;
  }

  send(report: SentReport): void {
    this.#unacked.push(report);
    if (this.#call !== undefined) this.#call.write(report.status);
    else if (this.#retry === undefined) this.#connect();
  }

  #connect(): void {
    this.#retry = undefined;
    const call = this.#open(this.#metadata);
    this.#call = call;
    call.on("data", (response: BookingResponse__Output) => this.#answered(response));
    call.on("error", () => this.#lost(call));
    call.on("end", () => this.#lost(call));
    for (const { status } of this.#unacked) call.write(status);
  }

  #answered({ booking_id, status, timestamp, message }: BookingResponse__Output): void {
    const [first] = this.#unacked;
    if (booking_id !== "" || first?.status.timestamp !== timestamp) return;
    this.#failures = 0;
    this.#unacked.shift();
    if (status === BookingStatus.BOOKING_FAILED) this.#observer.rejected(message);
    else this.#observer.acked(first);
  }

  #lost(call: TelemetryCall): void {
    if (this.#call !== call) return;
    this.#call = undefined;
    this.#observer.streamLost();
    this.#retry = setTimeout(() => this.#connect(), backoffMs(this.#failures++, RECONNECT));
  }
}
