import type { Database } from "./database.ts";

/** A charging session, summed over its intervals. */
export interface SessionRow {
  sessionId: string;
  stationId: string;
  carId: string;
  startedAt: Date;
  lastAt: Date;
  kwh: number;
  /** Dollars. */
  cost: number;
}

export interface SessionFilter {
  stationId?: string | undefined;
  carId?: string | undefined;
  /** Unix ms. */
  sinceMs?: number | undefined;
  limit: number;
}

/** Charging sessions, the one with the newest interval first. */
export async function recentSessions(database: Database, filter: SessionFilter): Promise<SessionRow[]> {
  const { rows } = await database.query<SessionRow>(
    `SELECT session_id AS "sessionId", station_id AS "stationId", car_id AS "carId", min(time) AS "startedAt",
            max(time) AS "lastAt", sum(kwh_usage) AS kwh, sum(kwh_usage * price_rate) AS cost
     FROM charging_sessions
     WHERE ($1::text IS NULL OR station_id = $1) AND ($2::text IS NULL OR car_id = $2)
       AND ($3::float8 IS NULL OR time >= to_timestamp($3 / 1000.0))
     GROUP BY session_id, station_id, car_id ORDER BY max(time) DESC LIMIT $4`,
    [filter.stationId ?? null, filter.carId ?? null, filter.sinceMs ?? null, filter.limit],
  );
  return rows;
}
