import type { Telemetry } from "@greenlane/contracts";
import { type Database, inTransaction, type Session } from "./database.ts";

/** A report and the price that was in force at its own time, $/kWh. */
export interface PricedTelemetry {
  telemetry: Telemetry;
  /** Needed of reports with a charging session only. */
  pricePerKwh: number | undefined;
}

/** What became of a batch. */
export interface StoredBatch {
  /** Rows that were new. */
  stored: number;
  /** Events that the database had already. */
  duplicates: number;
  /** Charging intervals written. */
  intervals: number;
}

/** Inserts what is new and tells of that only the reports of charging sessions. */
const INSERT_TELEMETRY = `
WITH stored AS (
  INSERT INTO telemetry (time, car_id, latitude, longitude, battery_percent, velocity_kmh, station_id, session_id, energy_kwh, odometer_km)
  SELECT to_timestamp(t / 1000.0), car, lat, lon, battery, velocity, nullif(station, ''), nullif(session, ''),
         CASE WHEN session <> '' THEN energy END, odometer
  FROM unnest($1::float8[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::text[], $8::text[], $9::float8[], $10::float8[])
    AS batch (t, car, lat, lon, battery, velocity, station, session, energy, odometer)
  ON CONFLICT (car_id, time) DO NOTHING
  RETURNING car_id, time, session_id
)
SELECT (SELECT count(*)::int FROM stored) AS stored,
       (SELECT coalesce(array_agg(car_id || ' ' || (extract(epoch FROM time) * 1000)::bigint), '{}') FROM stored WHERE session_id IS NOT NULL) AS charging`;

const READ_METERS =
  "SELECT session_id, energy_kwh FROM session_meters WHERE session_id = ANY($1) ORDER BY session_id FOR UPDATE";

const WRITE_INTERVALS = `
INSERT INTO charging_sessions (time, session_id, station_id, car_id, kwh_usage, price_rate)
SELECT to_timestamp(t / 1000.0), session, station, car, kwh, price
FROM unnest($1::float8[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[]) AS batch (t, session, station, car, kwh, price)`;

const WRITE_METERS = `
INSERT INTO session_meters (session_id, read_at, energy_kwh)
SELECT session, to_timestamp(t / 1000.0), energy FROM unnest($1::text[], $2::float8[], $3::float8[]) AS batch (session, t, energy)
ON CONFLICT (session_id) DO UPDATE SET
  read_at = greatest(session_meters.read_at, excluded.read_at),
  energy_kwh = greatest(session_meters.energy_kwh, excluded.energy_kwh)`;

/**
 * Stores a batch in one transaction: every report that is new, and for each new report of a charging session the
 * energy since the session's last reading at the price given. A report that the database holds already adds nothing,
 * so a batch that comes again changes nothing. A reading older than the one accounted for adds no energy: its energy
 * is in the later one's interval, and a session's intervals always add up to its greatest reading.
 */
export async function storeTelemetry(database: Database, batch: PricedTelemetry[]): Promise<StoredBatch> {
  // One order for all writers, so that two of them never wait for each other in a circle.
  const ordered = [...batch].sort(
    (a, b) => compare(a.telemetry.carId, b.telemetry.carId) || a.telemetry.timestampMs - b.telemetry.timestampMs,
  );
  return inTransaction(database, async (session) => {
    const { stored, charging } = await insertTelemetry(session, ordered);
    const fresh = new Set(charging);
    const readings = ordered.filter(
      ({ telemetry: t }) => t.sessionId !== "" && fresh.delete(`${t.carId} ${t.timestampMs}`),
    );
    const intervals = readings.length === 0 ? 0 : await accountEnergy(session, readings);
    return { stored, duplicates: batch.length - stored, intervals };
  });
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

async function insertTelemetry(
  session: Session,
  batch: PricedTelemetry[],
): Promise<{ stored: number; charging: string[] }> {
  const of = <Value>(pick: (t: Telemetry) => Value): Value[] => batch.map(({ telemetry }) => pick(telemetry));
  const { rows } = await session.query<{ stored: number; charging: string[] }>({
    name: "insert-telemetry",
    text: INSERT_TELEMETRY,
    values: [
      of((t) => t.timestampMs),
      of((t) => t.carId),
      of((t) => t.latitude),
      of((t) => t.longitude),
      of((t) => t.batteryPercent),
      of((t) => t.velocityKmh),
      of((t) => t.chargingStationId),
      of((t) => t.sessionId),
      of((t) => t.energyKwh),
      of((t) => t.odometerKm),
    ],
  });
  return rows[0] ?? { stored: 0, charging: [] };
}

async function accountEnergy(session: Session, readings: PricedTelemetry[]): Promise<number> {
  const sessionIds = [...new Set(readings.map(({ telemetry }) => telemetry.sessionId))].sort();
  const held = await session.query<{ session_id: string; energy_kwh: number }>(READ_METERS, [sessionIds]);
  const meters = new Map(held.rows.map((row) => [row.session_id, row.energy_kwh]));
  const latest = new Map<string, number>();
  const intervals: { telemetry: Telemetry; kwh: number; pricePerKwh: number }[] = [];
  for (const { telemetry, pricePerKwh } of readings) {
    const { sessionId, energyKwh, timestampMs } = telemetry;
    latest.set(sessionId, Math.max(timestampMs, latest.get(sessionId) ?? 0));
    const kwh = energyKwh - (meters.get(sessionId) ?? 0);
    if (kwh <= 0) continue;
    if (pricePerKwh === undefined) throw new Error(`no price for session ${sessionId} at ${timestampMs}`);
    meters.set(sessionId, energyKwh);
    intervals.push({ telemetry, kwh, pricePerKwh });
  }
  if (intervals.length > 0) {
    await session.query(WRITE_INTERVALS, [
      intervals.map(({ telemetry }) => telemetry.timestampMs),
      intervals.map(({ telemetry }) => telemetry.sessionId),
      intervals.map(({ telemetry }) => telemetry.chargingStationId),
      intervals.map(({ telemetry }) => telemetry.carId),
      intervals.map(({ kwh }) => kwh),
      intervals.map(({ pricePerKwh }) => pricePerKwh),
    ]);
  }
  const energies = sessionIds.map((id) => meters.get(id) ?? 0);
  await session.query(WRITE_METERS, [sessionIds, sessionIds.map((id) => latest.get(id) ?? 0), energies]);
  return intervals.length;
}
