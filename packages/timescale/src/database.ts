import type { Logger } from "@greenlane/runtime";
import pg from "pg";
import { z } from "zod";

export type Database = pg.Pool;
export type Session = pg.PoolClient;

/** What each process that speaks to the database reads from its environment. */
export const databaseEnv = {
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must be a postgresql:// URL")
    .default("postgresql://greenlane:greenlane_password@localhost:5432/greenlane"),
};

const MAX_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** A pool of connections. None is opened before it is needed; one that breaks is replaced by itself. */
export function openDatabase(url: string, logger: Logger): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    keepAlive: true,
  });
  pool.on("error", (err) => logger.warn({ err }, "an idle database connection broke"));
  return pool;
}

/** Does the work in one transaction: all of it is committed, or none. A broken connection leaves the pool. */
export async function inTransaction<Result>(
  database: Database,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = await database.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  session.on("error", onError);
  try {
    await session.query("BEGIN");
    const result = await work(session);
    await session.query("COMMIT");
    return result;
  } catch (error) {
    await session.query("ROLLBACK").catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    session.off("error", onError);
    session.release(broken);
  }
}

const DEADLOCK_DETECTED = "40P01";
const SERIALIZATION_FAILURE = "40001";
const CONNECTION_CLASSES = ["08", "53", "57"];
/** Of class 53, a limit of the server's configuration: waiting does not lift it. */
const CONFIGURATION_LIMIT_EXCEEDED = "53400";

/** Whether the same work may succeed if it is tried again: the server was away, full, or two transactions collided. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { code?: unknown };
  // pg's own errors (connection ended, timeout) are plain ones; a TypeError or the like is a defect.
  if (typeof code !== "string") return error.constructor === Error;
  if (code === DEADLOCK_DETECTED || code === SERIALIZATION_FAILURE || code.startsWith("E")) return true;
  if (code === CONFIGURATION_LIMIT_EXCEEDED) return false;
  return CONNECTION_CLASSES.some((prefix) => code.startsWith(prefix));
}
