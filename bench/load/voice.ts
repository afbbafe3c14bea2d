import type { Http2Connection } from "./http2Connection.ts";

/** An answer that is no acknowledgement: the oldest report that waits is refused. */
export const REFUSED = -1;
/** An answer to nothing that was sent: news of a booking. */
export const NO_ANSWER = -2;

/** How one stream speaks: which method it calls, and what its messages and the answers to them look like. */
export interface Voice {
  /** Of the method. */
  readonly path: string;
  /** Reports in each message. */
  readonly reports: number;
  /** Of a frame, its header left out; the same for all. */
  readonly payloadBytes: number;
  /** Whether an answer acknowledges every message up to the one that it names, or just this one, the oldest. */
  readonly isCumulative: boolean;
  /** Reports that were named as rejected in answers that acknowledge. */
  readonly rejected: number;
  /**
   * Writes the next message, as a DATA frame, behind what the connection has to send.
   * @returns by what an answer names it: a number that rises from message to message
   */
  write(connection: Http2Connection, streamId: number, atMs: number): number;
  /** @returns what an answer acknowledges, or REFUSED or NO_ANSWER */
  read(bytes: Buffer, from: number, to: number): number;
}
