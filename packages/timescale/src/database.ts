import { endedWithin, type Logger } from "@greenlane/runtime";
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
/** A process that was paused in the middle of a transaction loses it, and its locks: others wait no longer. */
const IDLE_TRANSACTION_TIMEOUT_MS = 5_000;

/** A pool of connections. None is opened before it is needed; one that breaks is replaced by itself. */
export function openDatabase(url: string, logger: Logger): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    keepAlive: true,
  });
  pool.on("error", (err) => logger.warn({ reason: err.message }, "an idle database connection broke"));
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

/** SQLSTATE classes that blame the rows: data exceptions and broken constraints. */
const FAULTS_OF_DATA = ["22", "23"];

/** The SQLSTATE that the server gave; undefined for an error that is not its own. */
export function sqlState(error: unknown): string | undefined {
  const { code } = error instanceof Error ? (error as Error & { code?: unknown }) : {};
  return typeof code === "string" ? code : undefined;
}

/** Whether the database refuses the rows themselves: the same rows would be refused again. */
export function isFaultOfData(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && state.length === 5 && FAULTS_OF_DATA.some((prefix) => state.startsWith(prefix));
}

/**
 * Whether waiting is right: the server is away, full, read-only, closed to us or not set up yet, or two transactions
 * collided. A fault of the rows or a defect of ours is not mended by time.
 */
export function isTransient(error: unknown): boolean {
  if (isFaultOfData(error) || !(error instanceof Error)) return false;
  // pg's own errors (connection ended, timeout) are plain ones; a TypeError or the like is a defect.
  return sqlState(error) !== undefined || error.constructor === Error;
}

const END_TIMEOUT_MS = 1_500;

/** Closes a pool; a connection that hangs in a statement is not waited for. */
export async function closeDatabase(database: Database): Promise<void> {
  await endedWithin(END_TIMEOUT_MS, database.end());
}
