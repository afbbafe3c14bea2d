import {
  ackTemplate,
  type BookingResponse,
  BookingStatus,
  encodeAck,
  faultyField,
  type Telemetry,
  telemetryFault,
} from "@greenlane/contracts";
import { resetStream } from "@greenlane/grpc";
import type { Clock } from "@greenlane/runtime";
import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import type { AckTarget, Lane } from "./telemetryLog.ts";

/** A stream of one car, as a rule: reports come as `decodeCarStatus` reads them, an acknowledgement goes as its bytes. */
export type CarCall = ServerDuplexStream<Telemetry, BookingResponse | Buffer>;

export interface StreamLimits {
  MAX_EVENT_AGE_MS: number;
  MAX_EVENT_AHEAD_MS: number;
  STREAM_MAX_WAITING: number;
  STREAM_MAX_EVENTS_PER_SECOND: number;
  STREAM_IDLE_MS: number;
  ACK_UNREAD_MS: number;
}

/** What the streams tell of themselves. */
export interface StreamObserver {
  /** A car spoke for the first time on this stream, in a good report. */
  connected(carId: string): void;
  /** Nothing more is answered; `carIds` are those that were connected. */
  ended(carIds: readonly string[], reason: string): void;
  /** The stream is closed, and what was answered is on its way or lost. */
  closed(): void;
  accepted(): void;
  rejected(field: string): void;
}

/** A running stream, as the server sees it. */
export interface CarStream {
  /** Says what the client did not ask for, between the acks; nothing when the stream is over. */
  tell(news: BookingResponse): void;
  /** Ends it with UNAVAILABLE once what it sent is acked. */
  shutDown(): void;
  /** Ends it with UNAVAILABLE now; what is not acked is the client's to send again. */
  giveUp(): void;
  /** Called a few times a second: limits that are spans of time are checked here, without a timer a stream. */
  tick(nowMs: number): void;
}

/** Cars of one stream that are told news: those that came first. The reports of all are acked. */
const MAX_CARS = 10_000;
/** News that may wait for a client that does not read: one for each of its cars. */
const MAX_UNREAD_NEWS = MAX_CARS;

const RESEND = "reconnect with backoff and resend what was not acked";
const LOG_AWAY = { code: status.UNAVAILABLE, details: `the event log cannot be reached; ${RESEND}` };
const SHUT_DOWN = { code: status.UNAVAILABLE, details: `shutting down; ${RESEND}` };
const OVERLOADED = { code: status.RESOURCE_EXHAUSTED, details: `too many events wait for the event log; ${RESEND}` };

/**
 * Serves one stream of reports: judges each report, hands the good ones to the log and answers each in order.
 * Holds at most STREAM_MAX_WAITING unanswered reports; past it, past its rate, and while the log has no room, the stream
 * is paused, and HTTP/2 flow control slows the sender down.
 */
export function serveCarStream(
  call: CarCall,
  lane: Lane,
  limits: StreamLimits,
  clock: Clock,
  observer: StreamObserver,
): CarStream {
  /** Whose reports came, with what their acks have in common; and whose came last: a stream of one car looks nothing up. */
  const cars = new Map<string, Buffer>();
  let speaker = "";
  let unanswered = 0;
  let overSinceMs: number | undefined;
  let halfClosed = false;
  let shuttingDown = false;
  let tokens = limits.STREAM_MAX_EVENTS_PER_SECOND;
  let tokensAtMs = clock.nowMs();
  let heardAtMs = tokensAtMs;
  let unreadSinceMs: number | undefined;
  let unreadNews = 0;
  /** Answers to bad reports wait behind the acks of the good ones sent before them. */
  const refusals: { after: number; response: BookingResponse }[] = [];
  let accepted = 0;
  let acked = 0;
  let template = { carId: "", bytes: ackTemplate("") };

  /** Ends the stream with status OK, with a failure, or, where the client would not read either, by a reset. */
  function finish(reason: string, how: "ok" | "reset" | { code: status; details: string } = "ok"): void {
    if (overSinceMs !== undefined) return;
    overSinceMs = clock.nowMs();
    observer.ended([...cars.keys()], reason);
    if (how === "ok") call.end();
    else if (how === "reset") resetStream(call);
    else call.emit("error", how);
  }

  function write(response: BookingResponse | Buffer): void {
    if (!call.write(response)) unreadSinceMs ??= clock.nowMs();
  }

  function answer(response: BookingResponse | Buffer): void {
    unanswered--;
    write(response);
  }

  function answerRefusals(): void {
    for (let next = refusals[0]; next !== undefined && next.after <= acked; next = refusals[0]) {
      refusals.shift();
      answer(next.response);
    }
  }

  function settle(): void {
    if (overSinceMs !== undefined) return;
    if (unanswered === 0 && halfClosed) finish("half-close");
    else if (unanswered === 0 && shuttingDown) finish("shutdown", SHUT_DOWN);
    else if (mayRead()) call.resume();
  }

  const mayRead = () =>
    !shuttingDown &&
    tokens >= 1 &&
    unreadSinceMs === undefined &&
    unanswered < limits.STREAM_MAX_WAITING &&
    lane.hasRoom();

  function refill(nowMs: number): void {
    const perMs = limits.STREAM_MAX_EVENTS_PER_SECOND / 1000;
    const sinceMs = Math.max(0, nowMs - tokensAtMs); // a clock that is set back takes nothing away
    tokens = Math.min(limits.STREAM_MAX_EVENTS_PER_SECOND, tokens + sinceMs * perMs);
    tokensAtMs = nowMs;
  }

  function timeFault(timestampMs: number, nowMs: number): string | null {
    if (timestampMs < nowMs - limits.MAX_EVENT_AGE_MS) return `timestamp is older than ${limits.MAX_EVENT_AGE_MS} ms`;
    if (timestampMs > nowMs + limits.MAX_EVENT_AHEAD_MS)
      return `timestamp is more than ${limits.MAX_EVENT_AHEAD_MS} ms ahead`;
    return null;
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
    if (cars.has(carId) || cars.size >= MAX_CARS) return;
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
      if (overSinceMs !== undefined) return;
      answer(encodeAck(templateOf(event.carId), event.timestampMs));
      if (refusals.length > 0) answerRefusals();
      settle();
    },
    failed: () => finish("log unreachable", LOG_AWAY),
    isGone: () => overSinceMs !== undefined,
  };

  call.on("data", (report: Telemetry) => {
    if (overSinceMs !== undefined) return;
    const nowMs = clock.nowMs();
    heardAtMs = nowMs;
    refill(nowMs);
    tokens--;
    unanswered++;
    const fault = telemetryFault(report) ?? timeFault(report.timestampMs, nowMs);
    if (fault !== null) refuse(report, fault);
    else {
      if (report.carId !== speaker) heardOf(report.carId);
      accepted++;
      observer.accepted();
      if (!lane.append(report, nowMs, target)) return finish("overloaded", OVERLOADED);
    }
    if (!mayRead()) call.pause();
  });
  call.on("drain", () => {
    unreadSinceMs = undefined;
    unreadNews = 0;
    settle();
  });
  call.on("end", () => {
    halfClosed = true;
    settle();
  });
  // grpc-js says "cancelled" of every stream that is closed, also of one that ended well.
  call.on("cancelled", () => {
    finish("cancelled");
    observer.closed();
  });
  call.on("error", () => finish("broken"));

  return {
    tell(news) {
      if (overSinceMs !== undefined) return;
      write(news);
      if (unreadSinceMs !== undefined && ++unreadNews > MAX_UNREAD_NEWS) finish("not reading acks", "reset");
    },
    shutDown() {
      shuttingDown = true;
      call.pause();
      settle();
    },
    giveUp: () => finish("shutdown", SHUT_DOWN),
    tick(nowMs) {
      if (overSinceMs !== undefined) {
        // Its last answers are not being read either, and its status waits behind them.
        if (nowMs - overSinceMs > limits.ACK_UNREAD_MS) resetStream(call);
        return;
      }
      refill(nowMs);
      if (unreadSinceMs !== undefined && nowMs - unreadSinceMs > limits.ACK_UNREAD_MS) {
        finish("not reading acks", "reset");
      } else if (unanswered === 0 && nowMs - heardAtMs > limits.STREAM_IDLE_MS) {
        finish("idle", { code: status.DEADLINE_EXCEEDED, details: `nothing was sent for ${limits.STREAM_IDLE_MS} ms` });
      } else settle();
    },
  };
}
