import type { BookingResponse } from "@greenlane/contracts";
import { resetStream } from "@greenlane/grpc";
import type { Clock } from "@greenlane/runtime";
import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { MAX_CARS_A_STREAM } from "./carsHere.ts";

export interface PaceLimits {
  STREAM_IDLE_MS: number;
  ACK_UNREAD_MS: number;
}

/** A running stream, as the server sees it. */
export interface ServedStream {
  /** Says what the client did not ask for, between the acks; nothing when the stream is over. */
  tell(news: BookingResponse): void;
  /** Ends it with UNAVAILABLE once what it sent is acked. */
  shutDown(): void;
  /** Ends it with UNAVAILABLE now; what is not acked is the client's to send again. */
  giveUp(): void;
  /** Called a few times a second: limits that are spans of time are checked here, without a timer a stream. */
  tick(nowMs: number): void;
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

/** What a stream is about, as far as its pace and its end depend on it. */
export interface StreamWork {
  /** Reports that have come and have no answer yet. */
  unanswered(): number;
  /** Whether more reports may come. */
  hasRoom(): boolean;
  /** Nothing more is answered. */
  ended(reason: string): void;
  /** The stream is closed, and what was answered is on its way or lost. */
  closed(): void;
}

interface Failure {
  code: status;
  details: string;
}

/** News that may wait for a client that does not read: one for each of its cars. */
const MAX_UNREAD_NEWS = MAX_CARS_A_STREAM;

const RESEND = "reconnect with backoff and resend what was not acked";
export const LOG_AWAY = { code: status.UNAVAILABLE, details: `the event log cannot be reached; ${RESEND}` };
const SHUT_DOWN = { code: status.UNAVAILABLE, details: `shutting down; ${RESEND}` };
export const OVERLOADED = {
  code: status.RESOURCE_EXHAUSTED,
  details: `too many events wait for the event log; ${RESEND}`,
};

/**
 * How a stream of reports is slowed down, and how it ends. While its work has no room, past its rate, and while its
 * client does not read, the stream is paused, and HTTP/2 flow control slows the sender down.
 */
export class PacedStream<Request, Response> {
  readonly #call: ServerDuplexStream<Request, Response>;
  readonly #limits: PaceLimits;
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #work: StreamWork;
  #overSinceMs: number | undefined;
  #halfClosed = false;
  #shuttingDown = false;
  /** Reports that may come now. A message may take more than there are, and then the next one waits the longer. */
  #tokens: number;
  #tokensAtMs: number;
  #heardAtMs: number;
  #unreadSinceMs: number | undefined;
  #unreadNews = 0;

  constructor(
    call: ServerDuplexStream<Request, Response>,
    limits: PaceLimits,
    perSecond: number,
    clock: Clock,
    work: StreamWork,
  ) {
    this.#call = call;
    this.#limits = limits;
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#work = work;
    this.#tokens = perSecond;
    this.#tokensAtMs = clock.nowMs();
    this.#heardAtMs = this.#tokensAtMs;
    call.on("drain", () => {
      this.#unreadSinceMs = undefined;
      this.#unreadNews = 0;
      this.settle();
    });
    call.on("end", () => {
      this.#halfClosed = true;
      this.settle();
    });
    // grpc-js says "cancelled" of every stream that is closed, also of one that ended well.
    call.on("cancelled", () => {
      this.finish("cancelled");
      work.closed();
    });
    call.on("error", () => this.finish("broken"));
  }

  get isOver(): boolean {
    return this.#overSinceMs !== undefined;
  }

  /** A message of so many reports has come. @returns when, Unix ms */
  heard(reports: number): number {
    const nowMs = this.#clock.nowMs();
    this.#heardAtMs = nowMs;
    this.#refill(nowMs);
    this.#tokens -= reports;
    return nowMs;
  }

  write(response: Response): void {
    if (!this.#call.write(response)) this.#unreadSinceMs ??= this.#clock.nowMs();
  }

  /** Writes what the client did not ask for, unless it is over; a client that leaves too much of it unread is cut off. */
  tell(news: Response): void {
    if (this.isOver) return;
    this.write(news);
    if (this.#unreadSinceMs !== undefined && ++this.#unreadNews > MAX_UNREAD_NEWS)
      this.finish("not reading acks", "reset");
  }

  /** Ends the stream with status OK, with a failure, or, where the client would not read either, by a reset. */
  finish(reason: string, how: "ok" | "reset" | Failure = "ok"): void {
    if (this.isOver) return;
    this.#overSinceMs = this.#clock.nowMs();
    this.#work.ended(reason);
    if (how === "ok") this.#call.end();
    else if (how === "reset") resetStream(this.#call);
    else this.#call.emit("error", how);
  }

  /** After answers: ends the stream when it has come to its end, reads on when it may. */
  settle(): void {
    if (this.isOver) return;
    const isAnswered = this.#work.unanswered() === 0;
    if (isAnswered && this.#halfClosed) this.finish("half-close");
    else if (isAnswered && this.#shuttingDown) this.finish("shutdown", SHUT_DOWN);
    else if (this.#mayRead()) this.#call.resume();
  }

  /** After a message. */
  pauseWhenFull(): void {
    if (!this.#mayRead()) this.#call.pause();
  }

  shutDown(): void {
    this.#shuttingDown = true;
    this.#call.pause();
    this.settle();
  }

  giveUp(): void {
    this.finish("shutdown", SHUT_DOWN);
  }

  tick(nowMs: number): void {
    const { STREAM_IDLE_MS, ACK_UNREAD_MS } = this.#limits;
    if (this.#overSinceMs !== undefined) {
      // Its last answers are not being read either, and its status waits behind them.
      if (nowMs - this.#overSinceMs > ACK_UNREAD_MS) resetStream(this.#call);
      return;
    }
    this.#refill(nowMs);
    if (this.#unreadSinceMs !== undefined && nowMs - this.#unreadSinceMs > ACK_UNREAD_MS) {
      this.finish("not reading acks", "reset");
    } else if (this.#work.unanswered() === 0 && nowMs - this.#heardAtMs > STREAM_IDLE_MS) {
      this.finish("idle", { code: status.DEADLINE_EXCEEDED, details: `nothing was sent for ${STREAM_IDLE_MS} ms` });
    } else this.settle();
  }

  #mayRead(): boolean {
    return !this.#shuttingDown && this.#tokens >= 1 && this.#unreadSinceMs === undefined && this.#work.hasRoom();
  }

  #refill(nowMs: number): void {
    const sinceMs = Math.max(0, nowMs - this.#tokensAtMs); // a clock that is set back takes nothing away
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (sinceMs * this.#perSecond) / 1000);
    this.#tokensAtMs = nowMs;
  }
}
