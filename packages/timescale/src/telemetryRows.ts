import type { Telemetry } from "@greenlane/contracts";

/**
 * Rows of `telemetry` in the binary format of COPY (https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4):
 * a header, each row as its fields with their lengths before them, a trailer. One buffer for a batch: thousands of rows
 * cost a fraction of what parameters cost, to write here and to read there.
 */
export const TELEMETRY_COLUMNS =
  "time, car_id, latitude, longitude, battery_percent, velocity_kmh, station_id, session_id, energy_kwh, odometer_km";
const COLUMNS = 10;

const SIGNATURE = Buffer.from("PGCOPY\n\xff\r\n\0", "latin1");
const HEADER_BYTES = SIGNATURE.length + 8;
const TRAILER_BYTES = 2;
/** Ten lengths and seven numbers. */
const FIXED_ROW_BYTES = 2 + COLUMNS * 4 + 7 * 8;
/** UTF-8 takes three bytes for a UTF-16 unit, at the most. */
const MAX_BYTES_A_UNIT = 3;
const NULL_LENGTH = -1;
/** 2000-01-01, from which PostgreSQL counts microseconds, in Unix ms. */
const EPOCH_MS = 946_684_800_000;

/** The reports as rows; what a car without a session does not have is NULL. */
export function telemetryRows(reports: readonly Telemetry[]): Buffer {
  const writer = new RowWriter(
    reports.reduce((sum, report) => sum + maxRowBytes(report), HEADER_BYTES + TRAILER_BYTES),
  );
  for (const report of reports) {
    writer.int16(COLUMNS);
    writer.timestamp(report.timestampMs);
    writer.text(report.carId);
    writer.double(report.latitude);
    writer.double(report.longitude);
    writer.double(report.batteryPercent);
    writer.double(report.velocityKmh);
    writer.textOrNull(report.chargingStationId);
    writer.textOrNull(report.sessionId);
    if (report.sessionId === "") writer.null();
    else writer.double(report.energyKwh);
    writer.double(report.odometerKm);
  }
  writer.int16(-1);
  return writer.written();
}

function maxRowBytes({ carId, chargingStationId, sessionId }: Telemetry): number {
  return FIXED_ROW_BYTES + (carId.length + chargingStationId.length + sessionId.length) * MAX_BYTES_A_UNIT;
}

class RowWriter {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = HEADER_BYTES;

  constructor(maxBytes: number) {
    this.#bytes = Buffer.allocUnsafe(maxBytes);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, maxBytes);
    SIGNATURE.copy(this.#bytes);
    this.#bytes.fill(0, SIGNATURE.length, HEADER_BYTES); // no flags, no extension
  }

  int16(value: number): void {
    this.#view.setInt16(this.#at, value);
    this.#at += 2;
  }

  null(): void {
    this.#length(NULL_LENGTH);
  }

  double(value: number): void {
    this.#length(8);
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  /** From whole Unix ms. */
  timestamp(unixMs: number): void {
    this.#length(8);
    this.#view.setBigInt64(this.#at, BigInt(unixMs - EPOCH_MS) * 1000n);
    this.#at += 8;
  }

  textOrNull(text: string): void {
    if (text === "") this.null();
    else this.text(text);
  }

  /** No text may hold U+0000, which PostgreSQL cannot store. */
  text(text: string): void {
    const lengthAt = this.#at;
    this.#at += 4;
    if (!this.#ascii(text)) this.#at += this.#bytes.write(text, this.#at);
    this.#view.setInt32(lengthAt, this.#at - lengthAt - 4);
  }

  /** Ids are short and plain as a rule: then no call out of JavaScript is worth its price. */
  #ascii(text: string): boolean {
    for (let n = 0; n < text.length; n++) {
      const unit = text.charCodeAt(n);
      if (unit > 127) return false;
      this.#bytes[this.#at + n] = unit;
    }
    this.#at += text.length;
    return true;
  }

  #length(bytes: number): void {
    this.#view.setInt32(this.#at, bytes);
    this.#at += 4;
  }

  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }
}
