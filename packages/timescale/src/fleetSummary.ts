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

/** The times of commits are the server's, where it runs with track_commit_timestamp = on. */
export async function summariseFleet(database: Database, carIds: string[], sinceMs: number): Promise<FleetSummary> {
  const telemetry = await database.query<{ rows: number; p50: number | null; p99: number | null }>(
    `SELECT count(*)::int AS rows, percentile_cont(0.5) WITHIN GROUP (ORDER BY delay) AS p50,
            percentile_cont(0.99) WITHIN GROUP (ORDER BY delay) AS p99
     FROM (SELECT CASE WHEN current_setting('track_commit_timestamp')::boolean
                       THEN extract(epoch FROM pg_xact_commit_timestamp(xmin) - time)::float8 * 1000 END AS delay
           FROM telemetry WHERE car_id = ANY($1) AND time >= to_timestamp($2 / 1000.0)) AS delays`,
    [carIds, sinceMs],
  );
  const charging = await database.query<{ sessions: number; kwh: number | null; cost: number | null }>(
    `SELECT count(DISTINCT session_id)::int AS sessions, sum(kwh_usage) AS kwh, sum(kwh_usage * price_rate) AS cost
     FROM charging_sessions WHERE car_id = ANY($1) AND time >= to_timestamp($2 / 1000.0)`,
    [carIds, sinceMs],
  );
  const t = telemetry.rows[0];
  const c = charging.rows[0];
  return {
    rows: t?.rows ?? 0,
    sessions: c?.sessions ?? 0,
    kwh: c?.kwh ?? 0,
    cost: c?.cost ?? 0,
    sendToRowMs: t?.p50 == null || t.p99 == null ? undefined : { p50: t.p50, p99: t.p99 },
  };
}
