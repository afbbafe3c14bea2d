/** Field tags of CarStatus: number << 3 | wire type. */
const TAG = {
  carId: (1 << 3) | 2,
  latitude: (2 << 3) | 1,
  longitude: (3 << 3) | 1,
  batteryPercent: (4 << 3) | 1,
  velocityKmh: (5 << 3) | 1,
  timestampMs: (6 << 3) | 0,
  stationId: (7 << 3) | 2,
  sessionId: (8 << 3) | 2,
  energyKwh: (9 << 3) | 1,
  odometerKm: (10 << 3) | 1,
} as const;

/** Unix ms from 2004 to 2109 take six bytes as a varint. */
const TIMESTAMP_BYTES = 6;
const TWO_28 = 2 ** 28;
/** A car in so many charges. */
const CARS_A_CHARGING_ONE = 5;
/** 50 kW, kWh a ms. */
const KWH_PER_MS = 50 / 3_600_000;
/** What a car moves between two reports, degrees. */
const STEP_DEGREES = 1e-5;
const STEPS_THERE_AND_BACK = 2_000;

/**
 * The reports of one car, as the bytes of a CarStatus that are made once: from report to report only time, place and
 * meter change. One car in five charges.
 */
export class CarReport {
  readonly carId: string;
  /** The report written last. */
  readonly bytes: Buffer;
  readonly #latitude: number;
  readonly #longitude: number;
  readonly #latitudeAt: number;
  readonly #longitudeAt: number;
  readonly #timestampAt: number;
  readonly #energyAt: number | undefined;
  #startedAtMs = 0;
  #step = 0;
  #lastMs = 0;

  constructor(carId: string, number: number) {
    this.carId = carId;
    this.#latitude = 40.7 + (number % 1_000) * 1e-4;
    this.#longitude = -73.98 + (Math.floor(number / 1_000) % 100) * 1e-3;
    const isCharging = number % CARS_A_CHARGING_ONE === 2;
    const parts: Buffer[] = [];
    const length = () => parts.reduce((sum, part) => sum + part.length, 0);
    const text = (tag: number, value: string) => {
      const bytes = Buffer.from(value);
      parts.push(Buffer.from([tag, bytes.length]), bytes);
    };
    /** @returns where its value stands */
    const number64 = (tag: number, value: number): number => {
      const bytes = Buffer.alloc(9);
      bytes[0] = tag;
      bytes.writeDoubleLE(value, 1);
      parts.push(bytes);
      return length() - 8;
    };
    text(TAG.carId, carId);
    this.#latitudeAt = number64(TAG.latitude, this.#latitude);
    this.#longitudeAt = number64(TAG.longitude, this.#longitude);
    number64(TAG.batteryPercent, 20 + (number % 60) + 0.125);
    number64(TAG.velocityKmh, isCharging ? 0 : 20 + (number % 30) + 0.5);
    parts.push(Buffer.from([TAG.timestampMs]), Buffer.alloc(TIMESTAMP_BYTES));
    this.#timestampAt = length() - TIMESTAMP_BYTES;
    if (isCharging) {
      text(TAG.stationId, `afdc-${number % 400}`);
      text(TAG.sessionId, `${carId}-s1`);
      this.#energyAt = number64(TAG.energyKwh, 0);
    }
    number64(TAG.odometerKm, 1_000 + number + 0.5);
    this.bytes = Buffer.concat(parts);
  }

  /**
   * Makes `bytes` the car's next report, of that time (Unix ms) or, where the car has spoken since, a ms after its last.
   * @returns the report's time
   */
  next(atMs: number): number {
    const timestampMs = atMs > this.#lastMs ? atMs : this.#lastMs + 1;
    if (this.#lastMs === 0) this.#startedAtMs = timestampMs - 1;
    this.#lastMs = timestampMs;
    this.#step = (this.#step + 1) % STEPS_THERE_AND_BACK;
    const steps = Math.min(this.#step, STEPS_THERE_AND_BACK - this.#step);
    this.bytes.writeDoubleLE(this.#latitude + steps * STEP_DEGREES, this.#latitudeAt);
    this.bytes.writeDoubleLE(this.#longitude + steps * STEP_DEGREES, this.#longitudeAt);
    if (this.#energyAt !== undefined)
      this.bytes.writeDoubleLE((timestampMs - this.#startedAtMs) * KWH_PER_MS, this.#energyAt);
    this.#writeTimestamp(timestampMs);
    return timestampMs;
  }

  #writeTimestamp(timestampMs: number): void {
    const { bytes } = this;
    const low = timestampMs % TWO_28;
    const high = (timestampMs - low) / TWO_28;
    const at = this.#timestampAt;
    bytes[at] = (low & 127) | 128;
    bytes[at + 1] = ((low >>> 7) & 127) | 128;
    bytes[at + 2] = ((low >>> 14) & 127) | 128;
    bytes[at + 3] = ((low >>> 21) & 127) | 128;
    bytes[at + 4] = (high & 127) | 128;
    bytes[at + 5] = high >>> 7;
  }
}
