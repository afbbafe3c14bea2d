import {
  ackTemplate,
  type BookingResponse,
  BookingStatus,
  encodeAck,
  faultyField,
  type Telemetry,
} from "@greenlane/contracts";
import type { Clock } from "@greenlane/runtime";
import type { ServerDuplexStream } from "@grpc/grpc-js";
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

/** A stream of one car, as a rule: reports come as `decodeCarStatus` reads them, an acknowledgement goes as its bytes. */
export type CarCall = ServerDuplexStream<Telemetry, BookingResponse | Buffer>;

export interface CarStreamLimits extends PaceLimits, EventTimeLimits {
  STREAM_MAX_WAITING: number;
  STREAM_MAX_EVENTS_PER_SECOND: number;
}

/**
 * Serves one stream of reports: judges each report, hands the good ones to the log and answers each in order.
 * Holds at most STREAM_MAX_WAITING unanswered reports.
 */
export function serveCarStream(
  call: CarCall,
  lane: Lane,
  limits: CarStreamLimits,
  clock: Clock,
  observer: StreamObserver,
): ServedStream {
  /** Whose reports came, with what their acks have in common; and whose came last: a stream of one car looks nothing up. */
  const cars = new Map<string, Buffer>();
  let speaker = "";
  let unanswered = 0;
  /** Answers to bad reports wait behind the acks of the good ones sent before them. */
  const refusals: { after: number; response: BookingResponse }[] = [];
  let accepted = 0;
  let acked = 0;
  let template = { carId: "", bytes: ackTemplate("") };

  const stream = new PacedStream(call, limits, limits.STREAM_MAX_EVENTS_PER_SECOND, clock, {
    unanswered: () => unanswered,
    hasRoom: () => unanswered < limits.STREAM_MAX_WAITING && lane.hasRoom(),
    ended: (reason) => observer.ended([...cars.keys()], reason),
    closed: () => observer.closed(),
  });

  function answer(response: BookingResponse | Buffer): void {
    unanswered--;
    stream.write(response);
  }

  function answerRefusals(): void {
    for (let next = refusals[0]; next !== undefined && next.after <= acked; next = refusals[0]) {
      refusals.shift();
      answer(next.response);
    }
  }

  function refuse(report: Telemetry, fault: string): void {
    observer.rejected(faultyField(fault));
    const response = {
      car_id: report.carId.slice(0, 128),
      status: BookingStatus.BOOKING_FAILED,
      message: fault,
      timestamp: report.timestampMs,
    };
    refusals.push({ after: accepted, response });
    answerRefusals();
  }

  function heardOf(carId: string): void {
    speaker = carId;
    if (cars.has(carId) || cars.size >= MAX_CARS_A_STREAM) return;
    cars.set(carId, ackTemplate(carId));
    observer.connected(carId);
  }

  function templateOf(ackedId: string): Buffer {
    if (ackedId !== template.carId) template = { carId: ackedId, bytes: cars.get(ackedId) ?? ackTemplate(ackedId) };
    return template.bytes;
  }

  const target: AckTarget = {
    acked(event) {
      acked++;
      if (stream.isOver) return;
      answer(encodeAck(templateOf(event.carId), event.timestampMs));
      if (refusals.length > 0) answerRefusals();
      stream.settle();
    },
    failed: () => stream.finish("log unreachable", LOG_AWAY),
    isGone: () => stream.isOver,
  };

  call.on("data", (report: Telemetry) => {
    if (stream.isOver) return;
    const nowMs = stream.heard(1);
    unanswered++;
    const fault = reportFault(report, nowMs, limits);
    if (fault !== null) refuse(report, fault);
    else {
      if (report.carId !== speaker) heardOf(report.carId);
      accepted++;
      observer.accepted();
      if (!lane.append(report, nowMs, target)) return stream.finish("overloaded", OVERLOADED);
    }
    stream.pauseWhenFull();
  });

  return stream;
}
