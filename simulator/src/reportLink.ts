import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Telemetry } from "@greenlane/contracts";

/** How the reports of a car, or of many, come to ingestion: keeps what is not acked, and sends it again in order. */
export interface ReportLink {
  /** Reports that wait for their ack. */
  readonly unacked: number;
  /** Whether the link can take another report now. */
  hasRoom(): boolean;
  send(report: Telemetry): void;
  close(): void;
}

/** Reports of one car that may wait for their ack; a car whose buffer is full makes none until there is room. */
export const MAX_UNACKED_A_CAR = 600;

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

export function nothingSent(): LinkCounts {
  return { sent: 0, acked: 0, rejected: 0, resent: 0, reconnects: 0, ackLatencyUs: createHistogram() };
}

/** A report that waits for its ack. */
export interface Unacked {
  report: Telemetry;
  /** On the monotonic clock. */
  sentAtMs: number;
}

export function countAcked(counts: LinkCounts, { sentAtMs }: Unacked): void {
  counts.acked++;
  counts.ackLatencyUs.record(Math.max(1, Math.round((performance.now() - sentAtMs) * 1_000)));
}
