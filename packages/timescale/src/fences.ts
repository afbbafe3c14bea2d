import { type Database, inTransaction, type Session } from "./database.ts";

/**
 * What shows that its holder is the newest that took this name: who takes it later has a greater token. Work that only
 * one process may do carries its fence, and the database refuses it when the fence is no longer the newest: a holder
 * that was paused beyond its lease does no harm (M. Kleppmann, "How to do distributed locking", 2016).
 */
export interface Fence {
  name: string;
  token: number;
}

/** Someone else has taken the fence since: the holder of this one does nothing more. */
export class FenceLost extends Error {
  override name = "FenceLost";
}

/** Takes a name from whoever had it; what works under the fence before is waited for. */
export async function takeFence(database: Database, name: string): Promise<Fence> {
  const { rows } = await database.query<{ token: number }>(
    `INSERT INTO fences AS fence (name, token) VALUES ($1, 1)
     ON CONFLICT (name) DO UPDATE SET token = fence.token + 1 RETURNING token::float8 AS token`,
    [name],
  );
  const [taken] = rows;
  if (taken === undefined) throw new TypeError(`fence ${name} was not taken`);
  return { name, token: taken.token };
}

/**
 * Does the work in one transaction during which nobody can take the fence; without a fence, just in a transaction.
 * @throws FenceLost, before any work, when it is no longer the newest
 */
export function underFence<Result>(
  database: Database,
  fence: Fence | undefined,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  return inTransaction(database, async (session) => {
    if (fence !== undefined) await checkFence(session, fence);
    return work(session);
  });
}

async function checkFence(session: Session, fence: Fence): Promise<void> {
  const { rows } = await session.query<{ token: number }>(
    "SELECT token::float8 AS token FROM fences WHERE name = $1 FOR SHARE",
    [fence.name],
  );
  mustHold(fence, rows[0]?.token);
}

/** @param newest the token that the database has @throws FenceLost when it is another's */
export function mustHold({ name, token }: Fence, newest: number | undefined): void {
  if (newest !== token) throw new FenceLost(`fence ${name} has been taken by another since token ${token}`);
}
