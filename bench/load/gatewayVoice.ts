import { CarReport } from "./carReport.ts";
import type { Http2Connection } from "./http2Connection.ts";
import { FRAME, FRAME_HEADER_BYTES, MAX_FRAME_BYTES, MESSAGE_HEADER_BYTES, writeFrameHeader } from "./http2Frames.ts";
import { NO_ANSWER, type Voice } from "./voice.ts";
import { fieldLength, readVarint } from "./wireFields.ts";

/** Fields of TelemetryBatch, with their layout, and of TelemetryAnswer. */
const FIRST_SEQUENCE_TAG = (1 << 3) | 0;
const REPORT_TAG = (2 << 3) | 2;
const ACKED_SEQUENCE = 1;
const REJECTED = 2;
/** A sequence number is written with so many bytes, also where fewer would do: a batch has the same length always. */
const SEQUENCE_BYTES = 8;
const MAX_SHORT_VARINT = 127;

/** A gateway that speaks for many cars: batches of their reports, one car after the other, and cumulative answers. */
export class GatewayVoice implements Voice {
  readonly path = "/fleet.FleetService/StreamFleet";
  readonly isCumulative = true;
  readonly reports: number;
  readonly payloadBytes: number;
  rejected = 0;
  readonly #cars: CarReport[];
  /** Bytes of the longest report: a batch is counted as if it held nothing else. */
  readonly #longest: number;
  #next = 0;
  #sequence = 0;

  /** @param batch - reports a message, no more than there are cars, so that none stands twice in one */
  constructor(carIds: string[], firstNumber: number, batch: number) {
    this.#cars = carIds.map((carId, n) => new CarReport(carId, firstNumber + n));
    this.reports = Math.min(batch, carIds.length);
    this.#longest = Math.max(...this.#cars.map(({ bytes }) => bytes.length));
    this.payloadBytes = MESSAGE_HEADER_BYTES + 1 + SEQUENCE_BYTES + this.reports * (2 + this.#longest);
    if (this.#longest > MAX_SHORT_VARINT || this.payloadBytes > MAX_FRAME_BYTES)
      throw new Error(`${this.reports} reports are too many for one frame`);
  }

  write(connection: Http2Connection, streamId: number, atMs: number): number {
    connection.reserve(FRAME_HEADER_BYTES + this.payloadBytes);
    const { out } = connection;
    const start = connection.length;
    let at = start + FRAME_HEADER_BYTES + MESSAGE_HEADER_BYTES;
    out[at++] = FIRST_SEQUENCE_TAG;
    at = writeLongVarint(out, at, this.#sequence + 1);
    for (let n = 0; n < this.reports; n++) {
      const car = this.#cars[this.#next] as CarReport;
      this.#next = (this.#next + 1) % this.#cars.length;
      car.next(atMs);
      out[at++] = REPORT_TAG;
      out[at++] = car.bytes.length;
      at += car.bytes.copy(out, at);
    }
    this.#sequence += this.reports;
    const payload = at - start - FRAME_HEADER_BYTES;
    writeFrameHeader(out, start, payload, FRAME.data, 0, streamId);
    out[start + FRAME_HEADER_BYTES] = 0;
    out.writeUInt32BE(payload - MESSAGE_HEADER_BYTES, start + FRAME_HEADER_BYTES + 1);
    connection.length = at;
    return this.#sequence;
  }

  read(bytes: Buffer, from: number, to: number): number {
    let acked = NO_ANSWER;
    for (let at = from; at < to; ) {
      const tag = bytes[at++] as number;
      if (tag >>> 3 === ACKED_SEQUENCE) acked = readVarint(bytes, at);
      if (tag >>> 3 === REJECTED) this.rejected++;
      at += fieldLength(bytes, at, tag);
    }
    return acked;
  }
}

/** A varint with bytes to spare. */
function writeLongVarint(out: Buffer, from: number, value: number): number {
  let rest = value;
  for (let n = 0; n < SEQUENCE_BYTES - 1; n++) {
    out[from + n] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  out[from + SEQUENCE_BYTES - 1] = rest;
  return from + SEQUENCE_BYTES;
}
