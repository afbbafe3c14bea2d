import type { Telemetry } from "./telemetry.ts";

/**
 * The JSON of `fleet-events`, read by hand: an event that is laid out as `encodeTelemetry` lays it out becomes a report
 * without a tree of values in between, several times faster than by JSON.parse. Any other layout is left to that.
 */

const KEY = Object.fromEntries(
  Object.entries({
    carId: '{"car_id":"',
    latitude: '","lat":',
    longitude: ',"lon":',
    batteryPercent: ',"battery":',
    velocityKmh: ',"velocity":',
    timestampMs: ',"timestamp":',
    eventType: ',"event_type":"telemetry"',
    chargingStationId: ',"charging_station_id":"',
    sessionId: ',"session_id":"',
    energyKwh: ',"energy_kwh":',
    odometerKm: ',"odometer_km":',
  }).map(([name, text]) => [name, Buffer.from(text)]),
) as Record<keyof Telemetry | "eventType", Buffer>;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DEL = 0x7f;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const END = 0x7d;

/** Up to 15 digits are an integer that a double holds exactly, and so is a power of ten up to 22. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, n) => 10 ** n);

/** @returns undefined for another layout, which may be an event all the same */
export function readTelemetryJson(value: Buffer): Telemetry | undefined {
  const reader = new LayoutReader(value);
  const carId = reader.text(KEY.carId);
  const latitude = reader.number(KEY.latitude);
  const longitude = reader.number(KEY.longitude);
  const batteryPercent = reader.number(KEY.batteryPercent);
  const velocityKmh = reader.number(KEY.velocityKmh);
  const timestampMs = reader.number(KEY.timestampMs);
  if (!reader.has(KEY.eventType)) return undefined;
  const chargingStationId = reader.optionalText(KEY.chargingStationId);
  const sessionId = reader.optionalText(KEY.sessionId);
  const energyKwh = reader.optionalNumber(KEY.energyKwh);
  const odometerKm = reader.optionalNumber(KEY.odometerKm);
  if (!reader.isAtEnd()) return undefined;
  return {
    carId,
    latitude,
    longitude,
    batteryPercent,
    velocityKmh,
    timestampMs,
    chargingStationId,
    sessionId,
    energyKwh,
    odometerKm,
  };
}

/** Goes through a value. What is not laid out as expected makes it fail, and it stays failed. */
class LayoutReader {
  readonly #bytes: Buffer;
  #at = 0;
  #failed = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Whether all was as expected, and the value ends here. */
  isAtEnd(): boolean {
    return !this.#failed && this.#at === this.#bytes.length - 1 && this.#bytes[this.#at] === END;
  }

  /** Passes over the key when it is next. */
  has(key: Buffer): boolean {
    for (let n = 0; n < key.length; n++) if (this.#bytes[this.#at + n] !== key[n]) return false;
    this.#at += key.length;
    return true;
  }

  text(key: Buffer): string {
    return this.has(key) ? this.#text() : this.#fail("");
  }

  number(key: Buffer): number {
    return this.has(key) ? this.#number() : this.#fail(0);
  }

  optionalText(key: Buffer): string {
    if (!this.has(key)) return "";
    const text = this.#text();
    this.#at++; // its last quote
    return text;
  }

  optionalNumber(key: Buffer): number {
    return this.has(key) ? this.#number() : 0;
  }

  /** Plain characters up to a quote, at which it stays. */
  #text(): string {
    const from = this.#at;
    for (; this.#at < this.#bytes.length; this.#at++) {
      const byte = this.#bytes[this.#at] as number;
      if (byte === QUOTE) return this.#bytes.toString("latin1", from, this.#at);
      if (byte < SPACE || byte >= DEL || byte === BACKSLASH) break;
    }
    return this.#fail("");
  }

  /** A number without an exponent, as JSON writes it: its digits as an integer, divided once, is the nearest double. */
  #number(): number {
    const from = this.#at;
    const isNegative = this.#bytes[this.#at] === MINUS;
    if (isNegative) this.#at++;
    let digits = this.#digits(0);
    const whole = this.#count;
    if (whole === 0 || (whole > 1 && this.#bytes[this.#at - whole] === ZERO)) return this.#fail(0);
    let decimals = 0;
    if (this.#bytes[this.#at] === POINT) {
      this.#at++;
      digits = this.#digits(digits);
      decimals = this.#count;
      if (decimals === 0) return this.#fail(0);
    }
    if (whole + decimals > EXACT_DIGITS) return Number(this.#bytes.toString("latin1", from, this.#at));
    const magnitude = digits / (POWERS_OF_TEN[decimals] as number);
    return isNegative ? -magnitude : magnitude;
  }

  /** How many digits were read last. */
  #count = 0;

  /** Reads digits behind those that were read. */
  #digits(before: number): number {
    let value = before;
    const from = this.#at;
    for (
      let byte = this.#bytes[this.#at] as number;
      byte >= ZERO && byte <= NINE;
      byte = this.#bytes[this.#at] as number
    ) {
      value = value * 10 + (byte - ZERO);
      this.#at++;
    }
    this.#count = this.#at - from;
    return value;
  }

  #fail<Value>(value: Value): Value {
    this.#failed = true;
    return value;
  }
}
