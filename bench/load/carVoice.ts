import { CarReport } from "./carReport.ts";
import type { Http2Connection } from "./http2Connection.ts";
import { FRAME, FRAME_HEADER_BYTES, MESSAGE_HEADER_BYTES, writeFrameHeader } from "./http2Frames.ts";
import { NO_ANSWER, REFUSED, type Voice } from "./voice.ts";
import { fieldLength, readVarint } from "./wireFields.ts";

/** Fields of BookingResponse. */
const BOOKING_ID = 1;
const STATUS = 4;
const TIMESTAMP = 6;

/** One car on a stream of its own: a CarStatus a message, an acknowledgement each, which names its time. */
export class CarVoice implements Voice {
  readonly path = "/fleet.FleetService/StreamTelemetry";
  readonly reports = 1;
  readonly isCumulative = false;
  readonly rejected = 0;
  readonly payloadBytes: number;
  readonly #report: CarReport;
  /** Frame header, message header and report, as they go out. */
  readonly #frame: Buffer;

  constructor(carId: string, number: number) {
    this.#report = new CarReport(carId, number);
    const { length } = this.#report.bytes;
    this.payloadBytes = MESSAGE_HEADER_BYTES + length;
    this.#frame = Buffer.alloc(FRAME_HEADER_BYTES + this.payloadBytes);
    this.#frame.writeUInt32BE(length, FRAME_HEADER_BYTES + 1);
  }

  write(connection: Http2Connection, streamId: number, atMs: number): number {
    const timestampMs = this.#report.next(atMs);
    const frame = this.#frame;
    writeFrameHeader(frame, 0, this.payloadBytes, FRAME.data, 0, streamId);
    this.#report.bytes.copy(frame, FRAME_HEADER_BYTES + MESSAGE_HEADER_BYTES);
    connection.reserve(frame.length);
    frame.copy(connection.out, connection.length);
    connection.length += frame.length;
    return timestampMs;
  }

  read(bytes: Buffer, from: number, to: number): number {
    let timestampMs = NO_ANSWER;
    let isRefusal = false;
    for (let at = from; at < to; ) {
      const tag = bytes[at++] as number;
      const field = tag >>> 3;
      if (field === BOOKING_ID) return NO_ANSWER;
      if (field === STATUS) isRefusal = bytes[at] !== 0;
      if (field === TIMESTAMP) timestampMs = readVarint(bytes, at);
      at += fieldLength(bytes, at, tag);
    }
    return isRefusal ? REFUSED : timestampMs;
  }
}
