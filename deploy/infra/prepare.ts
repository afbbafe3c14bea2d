import { enterStations } from "@greenlane/city/enterStations";
import { kafkaEnv, openTopicAdmin } from "@greenlane/kafka";
import { loadConfig, silentLogger } from "@greenlane/runtime";
import { closeDatabase, databaseEnv, migrate, openDatabase } from "@greenlane/timescale";
import pg from "pg";

/**
 * Makes the topics, brings the database to the present schema and, where it has no station, takes in those of the city;
 * what is there already is left as it is.
 */
export async function prepareServers(say: (line: string) => void): Promise<void> {
  const config = loadConfig({ ...kafkaEnv, ...databaseEnv });
  await using admin = await openTopicAdmin(config, "greenlane-up", silentLogger);
  await admin.ensureTopics();
  await ensureDatabase(config.DATABASE_URL);
  const applied = await migrate(config.DATABASE_URL, silentLogger);
  say(applied.length > 0 ? `database schema: applied ${applied.join(", ")}` : "database schema: up to date");
  const database = openDatabase(config.DATABASE_URL, silentLogger);
  try {
    say(await enterStations(database));
  } finally {
    await closeDatabase(database);
  }
}

/** Creates the database that a URL names, where its server has it not. */
async function ensureDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  const maintenance = new URL(url);
  maintenance.pathname = "/postgres";
  const session = new pg.Client({ connectionString: maintenance.href, connectionTimeoutMillis: 5_000 });
  await session.connect();
  try {
    const { rowCount } = await session.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    if (rowCount === 0) await session.query(`CREATE DATABASE ${session.escapeIdentifier(name)}`);
  } finally {
    await session.end();
  }
}
