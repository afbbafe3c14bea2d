import type { Database } from "./database.ts";

/** What a database server tells of itself. */
export interface DatabaseDescription {
  /** PostgreSQL's. */
  serverVersion: string;
  /** Undefined where this database does not have the extension. */
  timescaleVersion: string | undefined;
  /** The migrations that it has had, in their order; none when it was never prepared. */
  migrations: string[];
  /** How long a question took over a connection that stood, ms. */
  latencyMs: number;
}

export async function describeDatabase(database: Database): Promise<DatabaseDescription> {
  const server = await database.query<{ version: string; timescale: string | null; prepared: boolean }>(
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
            (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescale,
            to_regclass('schema_migrations') IS NOT NULL AS prepared`,
  );
  const row = server.rows[0];
  const startedMs = performance.now();
  await database.query("SELECT 1");
  const latencyMs = performance.now() - startedMs;
  const migrations = row?.prepared
    ? (await database.query<{ name: string }>("SELECT name FROM schema_migrations ORDER BY name")).rows
    : [];
  return {
    serverVersion: row?.version ?? "unknown",
    timescaleVersion: row?.timescale ?? undefined,
    migrations: migrations.map(({ name }) => name),
    latencyMs,
  };
}
