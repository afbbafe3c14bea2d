import {
  encodeAckedSequence,
  faultyField,
  MAX_BATCH_REPORTS,
  type RejectedReport,
  type SequencedReports,
  type TelemetryAnswer,
} from "@greenlane/contracts";
import type { Clock } from "@greenlane/runtime";
import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { MAX_CARS_A_STREAM } from "./carsHere.ts";
import {
  LOG_AWAY,
  OVERLOADED,
  PacedStream,
  type PaceLimits,
  type ServedStream,
  type StreamObserver,
} from "./pacedStream.ts";
import { type EventTimeLimits, reportFault } from "./reportFault.ts";
import type { AckTarget, Lane } from "./telemetryLog.ts";

/** A stream of a gateway: batches come as `decodeTelemetryBatch` reads them, an answer that only acks goes as its bytes. */
export type GatewayCall = ServerDuplexStream<SequencedReports, TelemetryAnswer | Buffer>;

export interface GatewayStreamLimits extends PaceLimits, EventTimeLimits {
  GATEWAY_MAX_WAITING: number;
  GATEWAY_MAX_EVENTS_PER_SECOND: number;
}

export interface GatewayObserver extends StreamObserver {
  /** A batch came, of so many reports. */
  batch(reports: number): void;
}

interface Rejection extends RejectedReport {
  sequence: number;
}

/** A batch of which not all is answered. */
interface Batch {
  /** The first of its reports that has no answer, by its sequence number, and the end of the last. */
  next: number;
  end: number;
  /** Its bad reports that have no answer, by sequence number. */
  rejected: Rejection[];
}

/**
 * Serves the stream of a gateway: judges each report of a batch, hands the good ones to the log, and tells how far all
 * reports are durable or rejected. What becomes durable together is told together.
 * Holds at most GATEWAY_MAX_WAITING unanswered reports, and a batch.
 */
export function serveGatewayStream(
  call: GatewayCall,
  lane: Lane,
  limits: GatewayStreamLimits,
  clock: Clock,
  observer: GatewayObserver,
): ServedStream {
  const cars = new Set<string>();
  const batches: Batch[] = [];
  let unanswered = 0;
  let lastSequence = 0;
  let ackedSequence = 0;
  /** Good reports that are durable, and not told to be. */
  let durable = 0;
  let isAnswerDue = false;

  const stream = new PacedStream(call, limits, limits.GATEWAY_MAX_EVENTS_PER_SECOND, clock, {
    unanswered: () => unanswered,
    hasRoom: () => unanswered < limits.GATEWAY_MAX_WAITING && lane.hasRoom(),
    ended: (reason) => observer.ended([...cars], reason),
    closed: () => observer.closed(),
  });

  /** What is durable by the end of this turn of the event loop gets one answer. */
  function answerSoon(): void {
    if (isAnswerDue) return;
    isAnswerDue = true;
    queueMicrotask(answer);
  }

  /** Rejections go in an answer a batch, so that no answer grows beyond what a message may hold. */
  function answer(): void {
    isAnswerDue = false;
    if (stream.isOver) return;
    let told = ackedSequence;
    for (let batch = batches[0]; batch !== undefined; batch = batches[0]) {
      const from = batch.next;
      const rejected = advance(batch);
      unanswered -= batch.next - from;
      if (batch.next > from) ackedSequence = batch.next - 1;
      if (rejected.length > 0) {
        stream.write({ acked_sequence: ackedSequence, rejected });
        told = ackedSequence;
      }
      if (batch.next < batch.end) break;
      batches.shift();
    }
    if (ackedSequence > told) stream.write(encodeAckedSequence(ackedSequence));
    stream.settle();
  }

  /** Moves a batch on past what is durable and what is rejected. @returns the rejected of these */
  function advance(batch: Batch): Rejection[] {
    let told = 0;
    for (;;) {
      const nextRejected = batch.rejected[told]?.sequence ?? batch.end;
      const good = Math.min(durable, nextRejected - batch.next);
      durable -= good;
      batch.next += good;
      if (batch.next < nextRejected || batch.next === batch.end) return batch.rejected.splice(0, told);
      told++;
      batch.next++;
    }
  }

  const target: AckTarget = {
    acked() {
      durable++;
      answerSoon();
    },
    failed: () => stream.finish("log unreachable", LOG_AWAY),
    isGone: () => stream.isOver,
  };

  function heardOf(carId: string): void {
    if (cars.has(carId) || cars.size >= MAX_CARS_A_STREAM) return;
    cars.add(carId);
    observer.connected(carId);
  }

  call.on("data", ({ firstSequence, reports }: SequencedReports) => {
    if (stream.isOver) return;
    // A message without reports costs its gateway something too.
    const nowMs = stream.heard(Math.max(1, reports.length));
    if (reports.length > 0) {
      const fault = batchFault(firstSequence, reports.length, lastSequence);
      if (fault !== null) return stream.finish("bad batch", { code: status.INVALID_ARGUMENT, details: fault });
      const batch: Batch = { next: firstSequence, end: firstSequence + reports.length, rejected: [] };
      lastSequence = batch.end - 1;
      batches.push(batch);
      observer.batch(reports.length);
      unanswered += reports.length;
      for (let n = 0; n < reports.length; n++) {
        const report = reports[n];
        if (report === undefined) break;
        const reason = reportFault(report, nowMs, limits);
        if (reason !== null) {
          const field = faultyField(reason);
          observer.rejected(field);
          batch.rejected.push({ sequence: firstSequence + n, car_id: report.carId.slice(0, 128), field, reason });
          continue;
        }
        heardOf(report.carId);
        observer.accepted();
        if (!lane.append(report, nowMs, target)) return stream.finish("overloaded", OVERLOADED);
      }
      if (batch.rejected.length > 0) answerSoon();
    }
    stream.pauseWhenFull();
  });

  return {
    tell: (news) => stream.tell({ acked_sequence: ackedSequence, news: [news] }),
    shutDown: () => stream.shutDown(),
    giveUp: () => stream.giveUp(),
    tick: (nowMs) => stream.tick(nowMs),
  };
}

/** What of a batch breaks the rules of its stream; null when nothing does. */
function batchFault(firstSequence: number, reports: number, lastSequence: number): string | null {
  if (reports > MAX_BATCH_REPORTS) return `a batch may hold ${MAX_BATCH_REPORTS} reports`;
  if (firstSequence < 1) return "first_sequence must be 1 at least";
  if (firstSequence <= lastSequence)
    return `first_sequence must rise: ${firstSequence} came when ${lastSequence} was taken already`;
  if (firstSequence + reports > Number.MAX_SAFE_INTEGER) return `first_sequence must stay below 2^53`;
  return null;
}
