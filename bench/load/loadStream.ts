import type { Http2Connection, Http2Stream, StreamUser } from "./http2Connection.ts";
import { FRAME_HEADER_BYTES } from "./http2Frames.ts";
import type { Latencies } from "./latencies.ts";
import { NO_ANSWER, REFUSED, type Voice } from "./voice.ts";

const FIRST_CAPACITY = 16;

/** What all streams of a process count together, in reports. */
export interface Tally {
  sent: number;
  acked: number;
  /** Told that it breaks a rule. */
  rejected: number;
  /** Answers that name something else than what was due. */
  wrong: number;
  /** Sent on streams that ended before it was answered. */
  failed: number;
  /** Streams that ended before they were asked to. */
  streamsLost: number;
  /** From the moment at which a report was to be sent to its ack. */
  latencies: Latencies;
}

/** A stream of the load: says a message when told to, as the peer has room, and holds each answer against it. */
export class LoadStream implements StreamUser {
  /** Told of each answered message, with the moment, `performance.now()`. */
  onAnswer: ((stream: LoadStream, nowMs: number) => void) | undefined;
  readonly voice: Voice;
  readonly #connection: Http2Connection;
  readonly #stream: Http2Stream;
  readonly #tally: Tally;
  /** Of each message that waits, in a ring: when it was to be said, `performance.now()`, and by what an answer names it. */
  #dueAtMs = new Float64Array(FIRST_CAPACITY);
  #marks = new Float64Array(FIRST_CAPACITY);
  /** Messages acknowledged, sent, and said, ever. */
  #acked = 0;
  #sent = 0;
  #said = 0;
  #ending = Promise.withResolvers<void>();
  #isEnding = false;
  #isOver = false;

  constructor(connection: Http2Connection, voice: Voice, metadata: Record<string, string>, tally: Tally) {
    this.#connection = connection;
    this.voice = voice;
    this.#tally = tally;
    this.#stream = connection.openStream(voice.path, metadata, this);
  }

  /** Messages said that may yet be answered. */
  get waiting(): number {
    return this.#isOver ? 0 : this.#said - this.#acked;
  }

  /** Says the next message, which was to be said at that moment (`performance.now()`); it goes out at the next flush. */
  say(dueAtMs: number): void {
    if (this.#isOver) return;
    if (this.waiting === this.#dueAtMs.length) this.#grow();
    this.#dueAtMs[this.#said++ & (this.#dueAtMs.length - 1)] = dueAtMs;
    this.onRoom();
  }

  flush(): void {
    this.#connection.flush();
  }

  onRoom(): void {
    const mask = this.#dueAtMs.length - 1;
    while (this.#sent < this.#said && this.#stream.room() >= this.voice.payloadBytes) {
      const place = this.#sent++ & mask;
      const before = this.#connection.length;
      const atMs = Math.round(performance.timeOrigin + (this.#dueAtMs[place] as number));
      this.#marks[place] = this.voice.write(this.#connection, this.#stream.id, atMs);
      this.#stream.sent(this.#connection.length - before - FRAME_HEADER_BYTES);
      this.#tally.sent += this.voice.reports;
    }
  }

  onMessage(bytes: Buffer, from: number, to: number): void {
    const { voice } = this;
    const rejectedBefore = voice.rejected;
    const mark = voice.read(bytes, from, to);
    if (mark === NO_ANSWER) return;
    if (this.#acked === this.#sent) {
      if (!voice.isCumulative || mark !== 0) this.#tally.wrong++;
      return;
    }
    const nowMs = performance.now();
    if (mark === REFUSED) {
      this.#tally.rejected++;
      this.#acked++;
      this.onAnswer?.(this, nowMs);
    } else if (voice.isCumulative) {
      const mask = this.#marks.length - 1;
      while (this.#acked < this.#sent && (this.#marks[this.#acked & mask] as number) <= mark) this.#settle(nowMs);
    } else {
      if (mark !== this.#marks[this.#acked & (this.#marks.length - 1)]) this.#tally.wrong++;
      this.#settle(nowMs);
    }
    const rejected = voice.rejected - rejectedBefore;
    this.#tally.acked -= rejected;
    this.#tally.rejected += rejected;
  }

  #settle(nowMs: number): void {
    const { reports } = this.voice;
    const dueAtMs = this.#dueAtMs[this.#acked++ & (this.#dueAtMs.length - 1)] as number;
    this.#tally.acked += reports;
    this.#tally.latencies.record((nowMs - dueAtMs) * 1_000, reports);
    this.onAnswer?.(this, nowMs);
  }

  onEnd(): void {
    this.#isOver = true;
    this.#tally.failed += (this.#sent - this.#acked) * this.voice.reports;
    if (!this.#isEnding) this.#tally.streamsLost++;
    this.#ending.resolve();
  }

  /** Says that nothing more comes. Resolves when the server has ended the stream as well. */
  end(): Promise<void> {
    this.#isEnding = true;
    this.#stream.end();
    this.flush();
    return this.#ending.promise;
  }

  #grow(): void {
    const capacity = this.#dueAtMs.length;
    const moved = (ring: Float64Array) => {
      const larger = new Float64Array(2 * capacity);
      for (let n = this.#acked; n < this.#said; n++)
        larger[n & (2 * capacity - 1)] = ring[n & (capacity - 1)] as number;
      return larger;
    };
    this.#dueAtMs = moved(this.#dueAtMs);
    this.#marks = moved(this.#marks);
  }
}
