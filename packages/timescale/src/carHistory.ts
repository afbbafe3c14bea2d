import type { Telemetry } from "@greenlane/contracts";
import type { Database } from "./database.ts";

/** The newest reports of a car, newest first. */
export async function recentReports(database: Database, carId: string, limit: number): Promise<Telemetry[]> {
  const { rows } = await database.query<Telemetry>(
    `SELECT car_id AS "carId", latitude, longitude, battery_percent AS "batteryPercent", velocity_kmh AS "velocityKmh",
            (extract(epoch FROM time) * 1000)::float8 AS "timestampMs", coalesce(station_id, '') AS "chargingStationId",
            coalesce(session_id, '') AS "sessionId", coalesce(energy_kwh, 0) AS "energyKwh",
            coalesce(odometer_km, 0) AS "odometerKm"
     FROM telemetry WHERE car_id = $1 ORDER BY time DESC LIMIT $2`,
    [carId, limit],
  );
  return rows;
}
