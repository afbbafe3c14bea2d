import { readdirSync, readFileSync } from "node:fs";
import type { Logger } from "@greenlane/runtime";
import pg from "pg";

const FOLDER = new URL("../migrations/", import.meta.url);

/** Taken while migrations run, so that two processes that start together take turns. */
const LOCK_ID = 4_711_050_051;

type Variant = "timescale" | "plain";

interface Migration {
  name: string;
  sql: string;
}

/** The migrations in their order: NNN_name.sql for all, NNN_name.timescale.sql or .plain.sql by what the server has. */
function migrationsFor(variant: Variant): Migration[] {
  const other: Variant = variant === "plain" ? "timescale" : "plain";
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".sql") && !file.endsWith(`.${other}.sql`))
    .sort()
    .map((file) => ({ name: file.slice(0, file.indexOf(".")), sql: readFileSync(new URL(file, FOLDER), "utf8") }));
}

/**
 * Brings a database to the present schema, each migration in a transaction of its own. Safe to run twice, and from
 * two places at once. @returns the names of the migrations that this call applied
 */
export async function migrate(databaseUrl: string, logger: Logger): Promise<string[]> {
  const session = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  await session.connect();
  try {
    await session.query("SELECT pg_advisory_lock($1)", [LOCK_ID]);
    await session.query(
      "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, variant text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const variant = await schemaVariant(session, logger);
    const { rows } = await session.query<{ name: string }>("SELECT name FROM schema_migrations");
    const standing = new Set(rows.map((row) => row.name));
    const missing = migrationsFor(variant).filter(({ name }) => !standing.has(name));
    for (const migration of missing) await apply(session, migration, variant);
    if (missing.length > 0) {
      const kind =
        variant === "timescale" ? "TimescaleDB hypertables" : "ordinary tables, as this server has no TimescaleDB";
      logger.info({ applied: missing.map(({ name }) => name) }, `the database schema is up to date: ${kind}`);
    }
    return missing.map(({ name }) => name);
  } finally {
    await session.end();
  }
}

/** What the first migration chose, or, before it, what the server can do. What was chosen once stays. */
async function schemaVariant(session: pg.Client, logger: Logger): Promise<Variant> {
  const { rows } = await session.query<{ variant: Variant }>("SELECT variant FROM schema_migrations LIMIT 1");
  const [chosen] = rows;
  if (chosen === undefined) return (await hasTimescale(session)) ? "timescale" : "plain";
  if (chosen.variant === "plain" && (await isTimescaleLoaded(session))) {
    logger.warn("this server has TimescaleDB now; the tables stay ordinary ones, as they were made without it");
  }
  return chosen.variant;
}

async function isTimescaleLoaded(session: pg.Client): Promise<boolean> {
  const { rows } = await session.query<{ loaded: boolean }>(
    `SELECT current_setting('timescaledb.max_background_workers', true) IS NOT NULL
            AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') AS loaded`,
  );
  return rows[0]?.loaded === true;
}

/** Whether the extension is there, loaded, and the edition with compression, retention and continuous aggregates. */
async function hasTimescale(session: pg.Client): Promise<boolean> {
  if (!(await isTimescaleLoaded(session))) return false;
  await session.query("CREATE EXTENSION IF NOT EXISTS timescaledb");
  const { rows } = await session.query<{ edition: string }>("SELECT current_setting('timescaledb.license') AS edition");
  return rows[0]?.edition === "timescale";
}

async function apply(session: pg.Client, migration: Migration, variant: Variant): Promise<void> {
  try {
    await session.query("BEGIN");
    await session.query(migration.sql);
    await session.query("INSERT INTO schema_migrations (name, variant) VALUES ($1, $2)", [migration.name, variant]);
    await session.query("COMMIT");
  } catch (error) {
    await session.query("ROLLBACK");
    throw new Error(`migration ${migration.name} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}
