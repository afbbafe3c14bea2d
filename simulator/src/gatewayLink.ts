import { encodeTelemetryBatch, type Telemetry, type TelemetryAnswer__Output } from "@greenlane/contracts";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import { KeptStream } from "./keptStream.ts";
import { countAcked, type LinkCounts, MAX_UNACKED_A_CAR, type ReportLink, type Unacked } from "./reportLink.ts";

/** Batches go as the bytes that `encodeTelemetryBatch` makes. */
export type FleetCall = ClientDuplexStream<Buffer, TelemetryAnswer__Output>;

/** What ingestion takes in a message, as it is configured by default. */
const MAX_MESSAGE_BYTES = 16_384;

/** The stream of a gateway that speaks to ingestion for many cars. Reports that come in one turn go in one batch. */
export class GatewayLink implements ReportLink {
  readonly #maxUnacked: number;
  readonly #counts: LinkCounts;
  readonly #stream: KeptStream<Buffer, TelemetryAnswer__Output>;
  readonly #onTrouble: (message: string) => void;
  #unacked: Unacked[] = [];
  /** The sequence number of the first of them; the others follow one by one. */
  #firstSequence = 1;
  /** Of the unacked, those that are on their way. */
  #written = 0;
  #isWriteDue = false;

  constructor(open: () => FleetCall, cars: number, counts: LinkCounts, onTrouble: (message: string) => void) {
    this.#maxUnacked = cars * MAX_UNACKED_A_CAR;
    this.#counts = counts;
    this.#onTrouble = onTrouble;
    this.#stream = new KeptStream(open, {
      opened: (isAgain) => {
        if (isAgain) counts.resent += this.#written;
        this.#written = 0;
        this.#write();
      },
      heard: (answer) => this.#answered(answer),
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
    return this.#unacked.length < this.#maxUnacked;
  }

  send(report: Telemetry): void {
    this.#counts.sent++;
    this.#unacked.push({ report, sentAtMs: performance.now() });
    if (this.#isWriteDue) return;
    this.#isWriteDue = true;
    queueMicrotask(() => {
      this.#isWriteDue = false;
      if (this.#stream.isOpen) this.#write();
      else this.#stream.open();
    });
  }

  close(): void {
    this.#stream.close();
  }

  #write(): void {
    const reports = this.#unacked.slice(this.#written).map(({ report }) => report);
    for (let from = 0; from < reports.length; ) {
      const first = this.#firstSequence + this.#written;
      const { bytes, count } = encodeTelemetryBatch(first, reports, from, MAX_MESSAGE_BYTES);
      this.#stream.write(bytes);
      this.#written += count;
      from += count;
    }
  }

  #answered({ acked_sequence, rejected }: TelemetryAnswer__Output): void {
    const bad = new Map(rejected.map(({ sequence, reason }) => [sequence, reason]));
    const answeredCount = Math.min(this.#written, Math.max(0, acked_sequence - this.#firstSequence + 1));
    const answered = this.#unacked.splice(0, answeredCount);
    if (answered.length > 0) this.#stream.thrives();
    for (const [n, each] of answered.entries()) {
      const reason = bad.get(this.#firstSequence + n);
      if (reason === undefined) countAcked(this.#counts, each);
      else {
        this.#counts.rejected++;
        this.#onTrouble(`rejected: ${reason}`);
      }
    }
    this.#firstSequence += answered.length;
    this.#written -= answered.length;
  }
}
