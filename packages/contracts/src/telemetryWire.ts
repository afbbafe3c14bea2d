import { isUtf8 } from "node:buffer";
import type { Telemetry } from "./telemetry.ts";

/**
 * The two messages of the hot path, read and written by hand: a CarStatus becomes a report without a message object in
 * between, and an acknowledgement is a car's own bytes with a time behind them. Everything else goes through
 * proto-loader; tests hold both against it and against another implementation's bytes.
 * The wire format: https://protobuf.dev/programming-guides/encoding/
 */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const TWO_32 = 2 ** 32;

/** Bytes that are no message. */
export class MalformedMessage extends Error {
  override name = "MalformedMessage";
}

/** A position in a message. */
interface Cursor {
  bytes: Buffer;
  at: number;
}

function blankReport(): Telemetry {
  return {
    carId: "",
    latitude: 0,
    longitude: 0,
    batteryPercent: 0,
    velocityKmh: 0,
    timestampMs: 0,
    chargingStationId: "",
    sessionId: "",
    energyKwh: 0,
    odometerKm: 0,
  };
}

/** Reads a CarStatus; fields that it doesn't know are passed over. @throws MalformedMessage */
export function decodeCarStatus(bytes: Buffer): Telemetry {
  const report = blankReport();
  const cursor: Cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const tag = readTag(cursor);
    switch (tag) {
      case (1 << 3) | WIRE.bytes:
        report.carId = readString(cursor);
        break;
      case (2 << 3) | WIRE.fixed64:
        report.latitude = readDouble(cursor);
        break;
      case (3 << 3) | WIRE.fixed64:
        report.longitude = readDouble(cursor);
        break;
      case (4 << 3) | WIRE.fixed64:
        report.batteryPercent = readDouble(cursor);
        break;
      case (5 << 3) | WIRE.fixed64:
        report.velocityKmh = readDouble(cursor);
        break;
      case (6 << 3) | WIRE.varint:
        report.timestampMs = readInt64(cursor);
        break;
      case (7 << 3) | WIRE.bytes:
        report.chargingStationId = readString(cursor);
        break;
      case (8 << 3) | WIRE.bytes:
        report.sessionId = readString(cursor);
        break;
      case (9 << 3) | WIRE.fixed64:
        report.energyKwh = readDouble(cursor);
        break;
      case (10 << 3) | WIRE.fixed64:
        report.odometerKm = readDouble(cursor);
        break;
      default:
        skip(cursor, tag & 7);
    }
  }
  return report;
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at++];
  if (byte === undefined) throw new MalformedMessage("the message ends in the middle of a field");
  return byte;
}

function advance(cursor: Cursor, length: number): number {
  const from = cursor.at;
  if (length > cursor.bytes.length - from) throw new MalformedMessage("the message ends in the middle of a field");
  cursor.at = from + length;
  return from;
}

function readTag(cursor: Cursor): number {
  const { low } = readVarint(cursor);
  if (low >>> 3 === 0) throw new MalformedMessage("a field has number 0");
  return low;
}

/** A varint of up to ten bytes, as two halves of 32 bits. */
function readVarint(cursor: Cursor): { low: number; high: number } {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = readByte(cursor);
    const bits = byte & 127;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high |= bits >>> 4;
    } else high |= bits << (shift - 32);
    if (byte < 128) return { low: low >>> 0, high: high >>> 0 };
  }
  throw new MalformedMessage("a number has more than ten bytes");
}

/** As a JavaScript number: beyond 2^53 the nearest one. */
function readInt64(cursor: Cursor): number {
  const { low, high } = readVarint(cursor);
  return (high | 0) * TWO_32 + low;
}

function readDouble(cursor: Cursor): number {
  return cursor.bytes.readDoubleLE(advance(cursor, 8));
}

function readString(cursor: Cursor): string {
  const { low, high } = readVarint(cursor);
  if (high !== 0) throw new MalformedMessage("a text is longer than its message");
  const from = advance(cursor, low);
  const text = cursor.bytes.toString("utf8", from, cursor.at);
  // Bytes that are no UTF-8 come out as U+FFFD: two ids must not become one.
  if (text.includes("\ufffd") && !isUtf8(cursor.bytes.subarray(from, cursor.at)))
    throw new MalformedMessage("a text is not UTF-8");
  return text;
}

function skip(cursor: Cursor, wireType: number): void {
  if (wireType === WIRE.varint) readVarint(cursor);
  else if (wireType === WIRE.fixed64) advance(cursor, 8);
  else if (wireType === WIRE.fixed32) advance(cursor, 4);
  else if (wireType === WIRE.bytes) {
    const { low, high } = readVarint(cursor);
    advance(cursor, high === 0 ? low : Number.POSITIVE_INFINITY);
  } else throw new MalformedMessage(`wire type ${wireType} is not in use`);
}

/** BookingResponse: car_id is field 2, status (BOOKING_UNKNOWN, the default, is left out) 4, message 5, timestamp 6. */
const ACK_MESSAGE = Buffer.concat([Buffer.from([(5 << 3) | WIRE.bytes, 18]), Buffer.from("Telemetry received")]);
const TIMESTAMP_TAG = (6 << 3) | WIRE.varint;
const MAX_VARINT_BYTES = 10;

/** What the acknowledgements of one car have in common. */
export function ackTemplate(carId: string): Buffer {
  const id = Buffer.from(carId);
  const header = [(2 << 3) | WIRE.bytes];
  let length = id.length;
  for (; length > 127; length >>>= 7) header.push((length & 127) | 128);
  header.push(length);
  return Buffer.concat([Buffer.from(header), id, ACK_MESSAGE]);
}

/** The acknowledgement of a report: a BookingResponse with status BOOKING_UNKNOWN and message "Telemetry received". */
export function encodeAck(template: Buffer, timestampMs: number): Buffer {
  const ack = Buffer.allocUnsafe(template.length + 1 + MAX_VARINT_BYTES);
  template.copy(ack, 0);
  let at = template.length;
  ack[at++] = TIMESTAMP_TAG;
  let rest = timestampMs;
  for (; rest > 127; rest = Math.floor(rest / 128)) ack[at++] = (rest % 128) | 128;
  ack[at++] = rest;
  return ack.subarray(0, at);
}
