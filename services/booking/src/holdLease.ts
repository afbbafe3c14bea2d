import type { Leases } from "@greenlane/redis";
import { pause, type Runtime } from "@greenlane/runtime";
import { type Database, type Fence, FenceLost, takeFence } from "@greenlane/timescale";

/** How often in a lease's time its holder prolongs it. */
const RENEWALS = 4;

export interface LeaseTerms {
  leases: Leases;
  database: Database;
  name: string;
  holder: string;
  /** When a holder that died is followed by another, ms. */
  ttlMs: number;
}

/**
 * Does what only one process may do, whenever this one holds the lease. Redis says who may; the database numbers the
 * holders, and each transaction shows its number: a holder that was paused beyond its lease, and does not know, is
 * refused by the database (M. Kleppmann, "How to do distributed locking", 2016). While Redis is away the holder goes on,
 * as its number is still the newest; when another has taken over it stops.
 *
 * @param work goes on until its signal is aborted
 * @returns what ends it, and gives the lease back
 */
export function holdLease(
  { leases, database, name, holder, ttlMs }: LeaseTerms,
  work: (fence: Fence, signal: AbortSignal) => Promise<void>,
  { logger }: Runtime,
): AsyncDisposable {
  const stopping = new AbortController();

  /** Whether it is ours; undefined while Redis does not say. */
  const ask = () => leases.acquire(name, holder, ttlMs).catch(() => undefined);

  async function workUntilLost(): Promise<void> {
    const lost = new AbortController();
    const signal = AbortSignal.any([lost.signal, stopping.signal]);
    const fence = await takeFence(database, name);
    logger.info({ lease: name, token: fence.token }, "holds the lease");
    const working = work(fence, signal)
      .catch((err: unknown) => {
        if (err instanceof FenceLost) logger.info({ lease: name }, "another holds the lease now");
        else logger.error({ err, lease: name }, "what is done under the lease failed");
      })
      .finally(() => lost.abort());
    while (!signal.aborted) {
      await pause(ttlMs / RENEWALS, signal);
      if (!signal.aborted && (await ask()) === false) lost.abort();
    }
    await working;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (await ask()) {
        await workUntilLost().catch((err: unknown) => logger.warn({ err, lease: name }, "the lease brings no number"));
        await leases.release(name, holder).catch(() => false);
      }
      await pause(ttlMs / RENEWALS, stopping.signal);
    }
  }

  const running = run();
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };
}
