import type { Telemetry } from "./telemetry.ts";
import { WIRE, WireReader } from "./wireReader.ts";
import { isLeftOut, MAX_VARINT_BYTES, varintBytes, writeVarint } from "./wireWriter.ts";

/**
 * The messages of the hot path, read and written by hand: a CarStatus becomes a report without a message object in
 * between, and an acknowledgement is a car's own bytes with a time behind them. What the engine says to cars is in
 * engineMessageWire.ts, everything else goes through proto-loader; tests hold these against it and against another
 * implementation's bytes.
 */

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
  return readCarStatus(new WireReader(bytes));
}

/** Reads the CarStatus that a reader is in, to its end. @throws MalformedMessage */
export function readCarStatus(reader: WireReader): Telemetry {
  const report = blankReport();
  while (!reader.atEnd) {
    const tag = reader.tag();
    switch (tag) {
      case (1 << 3) | WIRE.bytes:
        report.carId = reader.text();
        break;
      case (2 << 3) | WIRE.fixed64:
        report.latitude = reader.double();
        break;
      case (3 << 3) | WIRE.fixed64:
        report.longitude = reader.double();
        break;
      case (4 << 3) | WIRE.fixed64:
        report.batteryPercent = reader.double();
        break;
      case (5 << 3) | WIRE.fixed64:
        report.velocityKmh = reader.double();
        break;
      case (6 << 3) | WIRE.varint:
        report.timestampMs = reader.int64();
        break;
      case (7 << 3) | WIRE.bytes:
        report.chargingStationId = reader.text();
        break;
      case (8 << 3) | WIRE.bytes:
        report.sessionId = reader.text();
        break;
      case (9 << 3) | WIRE.fixed64:
        report.energyKwh = reader.double();
        break;
      case (10 << 3) | WIRE.fixed64:
        report.odometerKm = reader.double();
        break;
      default:
        reader.skip(tag);
    }
  }
  return report;
}

/** What a report takes as a CarStatus, bytes. */
export function carStatusBytes(t: Telemetry): number {
  return (
    textBytes(t.carId) +
    doubleBytes(t.latitude) +
    doubleBytes(t.longitude) +
    doubleBytes(t.batteryPercent) +
    doubleBytes(t.velocityKmh) +
    (t.timestampMs === 0 ? 0 : 1 + varintBytes(t.timestampMs)) +
    textBytes(t.chargingStationId) +
    textBytes(t.sessionId) +
    doubleBytes(t.energyKwh) +
    doubleBytes(t.odometerKm)
  );
}

/** Writes a report as a CarStatus; its timestamp must be a whole number from 0 to 2^53 - 1. @returns where it ends */
export function writeCarStatus(bytes: Buffer, from: number, t: Telemetry): number {
  let at = writeText(bytes, from, 1, t.carId);
  at = writeDouble(bytes, at, 2, t.latitude);
  at = writeDouble(bytes, at, 3, t.longitude);
  at = writeDouble(bytes, at, 4, t.batteryPercent);
  at = writeDouble(bytes, at, 5, t.velocityKmh);
  if (t.timestampMs !== 0) {
    bytes[at] = (6 << 3) | WIRE.varint;
    at = writeVarint(bytes, at + 1, t.timestampMs);
  }
  at = writeText(bytes, at, 7, t.chargingStationId);
  at = writeText(bytes, at, 8, t.sessionId);
  at = writeDouble(bytes, at, 9, t.energyKwh);
  return writeDouble(bytes, at, 10, t.odometerKm);
}

function textBytes(text: string): number {
  if (text === "") return 0;
  const length = Buffer.byteLength(text);
  return 1 + varintBytes(length) + length;
}

const doubleBytes = (value: number) => (isLeftOut(value) ? 0 : 9);

function writeText(bytes: Buffer, at: number, field: number, text: string): number {
  if (text === "") return at;
  bytes[at] = (field << 3) | WIRE.bytes;
  const from = writeVarint(bytes, at + 1, Buffer.byteLength(text));
  return from + bytes.write(text, from);
}

function writeDouble(bytes: Buffer, at: number, field: number, value: number): number {
  if (isLeftOut(value)) return at;
  bytes[at] = (field << 3) | WIRE.fixed64;
  return bytes.writeDoubleLE(value, at + 1);
}

/** BookingResponse: car_id is field 2, status (BOOKING_UNKNOWN, the default, is left out) 4, message 5, timestamp 6. */
const ACK_MESSAGE = Buffer.concat([Buffer.from([(5 << 3) | WIRE.bytes, 18]), Buffer.from("Telemetry received")]);
const TIMESTAMP_TAG = (6 << 3) | WIRE.varint;

/** What the acknowledgements of one car have in common. */
export function ackTemplate(carId: string): Buffer {
  const id = Buffer.from(carId);
  const header = Buffer.alloc(1 + varintBytes(id.length));
  header[0] = (2 << 3) | WIRE.bytes;
  writeVarint(header, 1, id.length);
  return Buffer.concat([header, id, ACK_MESSAGE]);
}

/** The acknowledgement of a report: a BookingResponse with status BOOKING_UNKNOWN and message "Telemetry received". */
export function encodeAck(template: Buffer, timestampMs: number): Buffer {
  const ack = Buffer.allocUnsafe(template.length + 1 + MAX_VARINT_BYTES);
  template.copy(ack, 0);
  ack[template.length] = TIMESTAMP_TAG;
  return ack.subarray(0, writeVarint(ack, template.length + 1, timestampMs));
}
