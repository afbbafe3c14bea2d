import { TOPICS } from "@greenlane/contracts";
import { AppendError, type LogWriter } from "@greenlane/kafka";
import type { Leases } from "@greenlane/redis";
import { Counter, pause, type Runtime } from "@greenlane/runtime";
import {
  type Database,
  deleteOutbox,
  type Fence,
  FenceLost,
  type OutboxEvent,
  putAsideOutbox,
  readOutbox,
} from "@greenlane/timescale";
import { holdLease } from "./holdLease.ts";

const BATCH = 1_000;
/** How long after a change that was not heard of it is published at the latest. */
const POLL_MS = 500;
/** Changes that come within so long of each other are published together: what each costs the database is the reading. */
const GATHER_MS = 50;
const AWAY_MS = 500;

export interface OutboxPublisher extends AsyncDisposable {
  /** There may be something new. */
  wake(): void;
}

/**
 * Appends the changes of bookings to the log, in their order, each at least once: one process at a time takes them from
 * the database's outbox, and deletes them when Kafka has acknowledged them. One that Kafka will never take, as it is too
 * large, is found by halving and put aside there, so that the others go on.
 */
export function startOutboxPublisher(
  { database, leases, writer }: { database: Database; leases: Leases; writer: LogWriter },
  { holder, leaseMs }: { holder: string; leaseMs: number },
  runtime: Runtime,
): OutboxPublisher {
  let waking = new AbortController();

  const putAside = new Counter({
    name: "booking_events_put_aside_total",
    help: "Changes of bookings that Kafka will never take, and that stay untold in the outbox",
    registers: [runtime.metrics],
  });

  /** @returns how many were dealt with */
  async function publishSome(fence: Fence): Promise<number> {
    const events = await readOutbox(database, BATCH, fence);
    if (events.length > 0) await tell(events, fence);
    return events.length;
  }

  async function tell(events: OutboxEvent[], fence: Fence): Promise<void> {
    const eventIds = events.map(({ eventId }) => eventId);
    const records = events.map(({ carId, eventJson }) => ({ key: carId, value: eventJson }));
    try {
      await writer.append(TOPICS.bookingEvents, records);
    } catch (err) {
      if (!(err instanceof AppendError && err.blamesRecords)) throw err;
      return eventIds.length > 1 ? tellByHalves(events, fence) : leaveUntold(events, err, fence);
    }
    await deleteOutbox(database, eventIds, fence);
  }

  async function tellByHalves(events: OutboxEvent[], fence: Fence): Promise<void> {
    const half = Math.ceil(events.length / 2);
    await tell(events.slice(0, half), fence);
    await tell(events.slice(half), fence);
  }

  async function leaveUntold(events: OutboxEvent[], err: AppendError, fence: Fence): Promise<void> {
    for (const { eventId, carId, eventJson } of events) {
      await putAsideOutbox(database, eventId, fence);
      putAside.inc();
      const told = { err, eventId, carId, bytes: Buffer.byteLength(eventJson) };
      runtime.logger.error(told, "a booking's change is put aside: Kafka will never take it");
    }
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
        else if (published < BATCH) await pause(GATHER_MS, signal);
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
    wake: () => {
      if (!waking.signal.aborted) waking.abort(); // each call of abort makes an error object, unused
    },
    [Symbol.asyncDispose]: () => Promise.resolve(holding[Symbol.asyncDispose]()),
  };
}
