import type { Database } from "./database.ts";

/** What the database holds of some cars since a moment. */
export interface FleetSummary {
  rows: number;
  sessions: number;
  kwh: number;
  /** Dollars. */
  cost: number;
  /** From an event's own time until its row was committed; undefined without rows, or where commits are not timed. */
  sendToRowMs: { p50: number; p99: number } | undefined;
}

/** What the database holds of some cars since a moment (Unix ms). */
export async function summariseFleet(database: Database, carIds: string[], sinceMs: number): Promise<FleetSummary> {
  const [telemetry, charging, sendToRowMs] = await Promise.all([
    database.query<{ rows: number }>(
      "SELECT count(*)::int AS rows FROM telemetry WHERE car_id = ANY($1) AND time >= to_timestamp($2 / 1000.0)",
      [carIds, sinceMs],
    ),
    database.query<{ sessions: number; kwh: number | null; cost: number | null }>(
      `SELECT count(DISTINCT (car_id, session_id))::int AS sessions, sum(kwh_usage) AS kwh,
              sum(kwh_usage * price_rate) AS cost
       FROM charging_sessions WHERE car_id = ANY($1) AND time >= to_timestamp($2 / 1000.0)`,
      [carIds, sinceMs],
    ),
    commitDelays(database, carIds, sinceMs),
  ]);
  const energy = charging.rows[0];
  return {
    rows: telemetry.rows[0]?.rows ?? 0,
    sessions: energy?.sessions ?? 0,
    kwh: energy?.kwh ?? 0,
    cost: energy?.cost ?? 0,
    sendToRowMs,
  };
}

/** Of older rows the time of commit is not known: a compressed chunk keeps none. */
const COMMIT_TIMES_KEPT_MS = 86_400_000;

/** The times of commits are the server's own, taken as a transaction is flushed, where track_commit_timestamp is on. */
async function commitDelays(
  database: Database,
  carIds: string[],
  sinceMs: number,
): Promise<FleetSummary["sendToRowMs"]> {
  const { rows } = await database.query<{ p50: number | null; p99: number | null }>(
    `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY delay) AS p50,
            percentile_cont(0.99) WITHIN GROUP (ORDER BY delay) AS p99
     FROM (SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - time)::float8 * 1000 AS delay FROM telemetry
           WHERE car_id = ANY($1) AND time >= to_timestamp($2 / 1000.0)
             AND (SELECT current_setting('track_commit_timestamp')::boolean)) AS delays`,
    [carIds, Math.max(sinceMs, Date.now() - COMMIT_TIMES_KEPT_MS)],
  );
  const [found] = rows;
  return found?.p50 == null || found.p99 == null ? undefined : { p50: found.p50, p99: found.p99 };
}
