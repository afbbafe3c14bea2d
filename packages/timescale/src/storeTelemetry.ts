import type { Telemetry } from "@greenlane/contracts";
import { float8Array, textArray, timestamptzArray } from "./binaryArrays.ts";
import { accountEnergy, type PricedTelemetry } from "./chargingIntervals.ts";
import { type Database, inTransaction, type Session } from "./database.ts";

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
  SELECT t, car, lat, lon, battery, velocity, nullif(station, ''), nullif(session, ''),
         CASE WHEN session <> '' THEN energy END, odometer
  FROM unnest($1::timestamptz[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::text[], $8::text[], $9::float8[], $10::float8[])
    AS batch (t, car, lat, lon, battery, velocity, station, session, energy, odometer)
  ON CONFLICT (car_id, time) DO NOTHING
  RETURNING car_id, time, session_id
)
SELECT (SELECT count(*)::int FROM stored) AS stored,
       (SELECT coalesce(array_agg(car_id || ' ' || (extract(epoch FROM time) * 1000)::bigint), '{}') FROM stored WHERE session_id IS NOT NULL) AS charging`;

const eventKey = ({ carId, timestampMs }: Telemetry) => `${carId} ${timestampMs}`;

/**
 * Stores a batch in one transaction: every report that is new, and the charging intervals that the new ones add. A
 * report that the database holds already adds nothing, so a batch that comes again changes nothing.
 */
export async function storeTelemetry(database: Database, batch: PricedTelemetry[]): Promise<StoredBatch> {
  // One order for all writers, so that two of them never wait for each other in a circle.
  const ordered = [...batch].sort(
    (a, b) => compare(a.telemetry.carId, b.telemetry.carId) || a.telemetry.timestampMs - b.telemetry.timestampMs,
  );
  return inTransaction(database, async (session) => {
    const { stored, charging } = await insertTelemetry(session, ordered);
    const fresh = new Set(charging);
    const readings = ordered.filter(({ telemetry }) => telemetry.sessionId !== "" && fresh.delete(eventKey(telemetry)));
    const intervals = readings.length === 0 ? 0 : await accountEnergy(session, readings);
    return { stored, duplicates: batch.length - stored, intervals };
  });
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

async function insertTelemetry(
  session: Session,
  batch: PricedTelemetry[],
): Promise<{ stored: number; charging: string[] }> {
  const numbers = (pick: (t: Telemetry) => number) => float8Array(batch.map(({ telemetry }) => pick(telemetry)));
  const texts = (pick: (t: Telemetry) => string) => textArray(batch.map(({ telemetry }) => pick(telemetry)));
  const { rows } = await session.query<{ stored: number; charging: string[] }>({
    name: "insert-telemetry",
    text: INSERT_TELEMETRY,
    values: [
      timestamptzArray(batch.map(({ telemetry }) => telemetry.timestampMs)),
      texts((t) => t.carId),
      numbers((t) => t.latitude),
      numbers((t) => t.longitude),
      numbers((t) => t.batteryPercent),
      numbers((t) => t.velocityKmh),
      texts((t) => t.chargingStationId),
      texts((t) => t.sessionId),
      numbers((t) => t.energyKwh),
      numbers((t) => t.odometerKm),
    ],
  });
  return rows[0] ?? { stored: 0, charging: [] };
}
