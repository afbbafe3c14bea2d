import type { Telemetry } from "@greenlane/contracts";
import { float8Array, textArray, timestamptzArray } from "./binaryArrays.ts";
import type { Session } from "./database.ts";

/** A report and the price that was in force at its own time, $/kWh. */
export interface PricedTelemetry {
  telemetry: Telemetry;
  /** Needed of reports with a charging session only. */
  pricePerKwh: number | undefined;
}

/** Locks the sessions' meters, makes those that are new, and tells what was accounted for of each. */
const LOCK_METERS = `
INSERT INTO session_meters AS meter (car_id, session_id, read_at, energy_kwh)
SELECT car, session, '-infinity', 0 FROM unnest($1::text[], $2::text[]) AS wanted (car, session)
ON CONFLICT (car_id, session_id) DO UPDATE SET energy_kwh = meter.energy_kwh
RETURNING car_id, session_id, energy_kwh`;

const WRITE_INTERVALS = `
WITH written AS (
  INSERT INTO charging_sessions (time, session_id, station_id, car_id, kwh_usage, price_rate)
  SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[])
)
UPDATE session_meters AS meter SET read_at = greatest(meter.read_at, read.at), energy_kwh = read.energy
FROM unnest($7::text[], $8::text[], $9::timestamptz[], $10::float8[]) AS read (car, session, at, energy)
WHERE meter.car_id = read.car AND meter.session_id = read.session`;

interface Meter {
  carId: string;
  sessionId: string;
  /** Unix ms of the newest reading here. */
  readAtMs: number;
  energyKwh: number;
}

/**
 * Writes, for each new report of a charging session, the energy since the session's last reading at the price given.
 * A reading not above what was accounted for adds nothing: its energy is in a later one's interval, so that a session's
 * intervals always add up to its greatest reading. The reports of each session must be in the order of their times.
 * @returns how many intervals were written
 */
export async function accountEnergy(session: Session, readings: PricedTelemetry[]): Promise<number> {
  if (readings.length === 0) return 0;
  const meters = await lockMeters(session, readings);
  const intervals: { telemetry: Telemetry; kwh: number; pricePerKwh: number }[] = [];
  for (const { telemetry, pricePerKwh } of readings) {
    const meter = meters.get(meterKey(telemetry.carId, telemetry.sessionId));
    if (meter === undefined) throw new TypeError(`session ${telemetry.sessionId} has no meter`);
    meter.readAtMs = Math.max(meter.readAtMs, telemetry.timestampMs);
    const kwh = telemetry.energyKwh - meter.energyKwh;
    if (kwh <= 0) continue;
    if (pricePerKwh === undefined)
      throw new TypeError(`no price for session ${telemetry.sessionId} at ${telemetry.timestampMs}`);
    meter.energyKwh = telemetry.energyKwh;
    intervals.push({ telemetry, kwh, pricePerKwh });
  }
  const read = [...meters.values()];
  await session.query({
    name: "write-intervals",
    text: WRITE_INTERVALS,
    values: [
      timestamptzArray(intervals.map(({ telemetry }) => telemetry.timestampMs)),
      textArray(intervals.map(({ telemetry }) => telemetry.sessionId)),
      textArray(intervals.map(({ telemetry }) => telemetry.chargingStationId)),
      textArray(intervals.map(({ telemetry }) => telemetry.carId)),
      float8Array(intervals.map(({ kwh }) => kwh)),
      float8Array(intervals.map(({ pricePerKwh }) => pricePerKwh)),
      textArray(read.map(({ carId }) => carId)),
      textArray(read.map(({ sessionId }) => sessionId)),
      timestamptzArray(read.map(({ readAtMs }) => readAtMs)),
      float8Array(read.map(({ energyKwh }) => energyKwh)),
    ],
  });
  return intervals.length;
}

/** A session's id is its car's own: two cars may use the same. Ids hold no control characters. */
const meterKey = (carId: string, sessionId: string) => `${carId}\n${sessionId}`;

async function lockMeters(session: Session, readings: PricedTelemetry[]): Promise<Map<string, Meter>> {
  const meters = new Map<string, Meter>();
  for (const { telemetry } of readings) {
    const { carId, sessionId } = telemetry;
    meters.set(meterKey(carId, sessionId), { carId, sessionId, readAtMs: 0, energyKwh: 0 });
  }
  // One order for all writers, so that two of them never wait for each other in a circle.
  const wanted = [...meters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, meter]) => meter);
  const { rows } = await session.query<{ car_id: string; session_id: string; energy_kwh: number }>({
    name: "lock-meters",
    text: LOCK_METERS,
    values: [textArray(wanted.map(({ carId }) => carId)), textArray(wanted.map(({ sessionId }) => sessionId))],
  });
  for (const row of rows) {
    const meter = meters.get(meterKey(row.car_id, row.session_id));
    if (meter !== undefined) meter.energyKwh = row.energy_kwh;
  }
  return meters;
}
