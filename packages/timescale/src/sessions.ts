import type { Database } from "./database.ts";

/** A charging session, summed over all its intervals. */
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
  /** Sessions that charged at this moment (Unix ms) or later. */
  sinceMs?: number | undefined;
}

const MATCHES = `($1::text IS NULL OR station_id = $1) AND ($2::text IS NULL OR car_id = $2)
       AND ($3::float8 IS NULL OR time >= to_timestamp($3 / 1000.0))`;

const matching = ({ stationId, carId, sinceMs }: SessionFilter) => [stationId ?? null, carId ?? null, sinceMs ?? null];

/** Charging sessions, the one with the newest interval first. */
export async function recentSessions(
  database: Database,
  filter: SessionFilter & { limit: number },
): Promise<SessionRow[]> {
  const { rows } = await database.query<SessionRow>(
    `WITH newest AS (
       SELECT session_id, station_id, car_id, max(time) AS last_at FROM charging_sessions WHERE ${MATCHES}
       GROUP BY session_id, station_id, car_id ORDER BY last_at DESC, car_id, session_id LIMIT $4
     )
     SELECT session_id AS "sessionId", station_id AS "stationId", car_id AS "carId", min(time) AS "startedAt",
            last_at AS "lastAt", sum(kwh_usage) AS kwh, sum(kwh_usage * price_rate) AS cost
     FROM newest JOIN charging_sessions USING (session_id, station_id, car_id)
     GROUP BY session_id, station_id, car_id, last_at ORDER BY last_at DESC, car_id, session_id`,
    [...matching(filter), filter.limit],
  );
  return rows;
}

/** How many charging sessions match. */
export async function countSessions(database: Database, filter: SessionFilter): Promise<number> {
  const { rows } = await database.query<{ sessions: number }>(
    `SELECT count(*)::int AS sessions FROM (
       SELECT FROM charging_sessions WHERE ${MATCHES} GROUP BY session_id, station_id, car_id
     ) AS matching`,
    matching(filter),
  );
  return rows[0]?.sessions ?? 0;
}
