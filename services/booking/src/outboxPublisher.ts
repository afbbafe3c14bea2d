import { TOPICS } from "@greenlane/contracts";
import type { LogWriter } from "@greenlane/kafka";
import type { Leases } from "@greenlane/redis";
import { pause, type Runtime } from "@greenlane/runtime";
import { type Database, deleteOutbox, type Fence, FenceLost, readOutbox } from "@greenlane/timescale";
import { holdLease } from "./holdLease.ts";

const BATCH = 1_000;
/** How long after a change that was not heard of it is published at the latest. */
const POLL_MS = 500;
const AWAY_MS = 500;

export interface OutboxPublisher extends AsyncDisposable {
  /** There may be something new. */
  wake(): void;
}

/**
 * Appends the changes of bookings to the log, in their order, each at least once: one process at a time takes them from
 * the database's outbox, and deletes them when Kafka has acknowledged them.
 */
export function startOutboxPublisher(
  { database, leases, writer }: { database: Database; leases: Leases; writer: LogWriter },
  { holder, leaseMs }: { holder: string; leaseMs: number },
  runtime: Runtime,
): OutboxPublisher {
  let waking = new AbortController();

  /** @returns how many were published */
  async function publishSome(fence: Fence): Promise<number> {
    const events = await readOutbox(database, BATCH, fence);
    if (events.length === 0) return 0;
    const records = events.map(({ carId, eventJson }) => ({ key: carId, value: eventJson }));
    await writer.append(TOPICS.bookingEvents, records);
    await deleteOutbox(
      database,
      events.map(({ eventId }) => eventId),
      fence,
    );
    return events.length;
  }

  async function publish(fence: Fence, signal: AbortSignal): Promise<void> {
    let away = false;
    while (!signal.aborted) {
      waking = new AbortController();
      try {
        const published = await publishSome(fence);
        if (away) runtime.logger.info("bookings' changes are published again");
        away = false;
        if (published === 0) await pause(POLL_MS, AbortSignal.any([signal, waking.signal]));
      } catch (err) {
        if (err instanceof FenceLost) throw err;
        if (!away) runtime.logger.warn({ err }, "bookings' changes cannot be published; trying on");
        away = true;
        await pause(AWAY_MS, signal);
      }
    }
  }

  const holding = holdLease({ leases, database, name: "booking-outbox", holder, ttlMs: leaseMs }, publish, runtime);
  return {
    wake: () => waking.abort(),
    [Symbol.asyncDispose]: () => Promise.resolve(holding[Symbol.asyncDispose]()),
  };
}
