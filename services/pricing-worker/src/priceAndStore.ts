import { setTimeout as sleep } from "node:timers/promises";
import { TOPICS } from "@greenlane/contracts";
import { AppendError, type BatchConsumerOptions, type LogWriter, type RecordBatch } from "@greenlane/kafka";
import { backoffMs, type Runtime } from "@greenlane/runtime";
import { type Database, isTransient, type PricedTelemetry } from "@greenlane/timescale";
import { asDeadLetter, decodeBatch, type ReadEvent, type Unreadable } from "./decodeBatch.ts";
import { type GridPrices, PriceUnavailable } from "./gridPrices.ts";
import { groupCommit } from "./groupCommit.ts";
import { workerMetrics } from "./workerMetrics.ts";

const WAIT = { baseMs: 100, maxMs: 1_000 };

interface Parts {
  grid: GridPrices;
  database: Database;
  deadLetters: LogWriter;
}

interface PricedEvent extends ReadEvent, PricedTelemetry {}

/**
 * What the worker does with a batch of one partition: decode, price, store, and put aside what cannot be read or what
 * the database refuses. While the grid, the database or the log is away it waits and tries again; the batch's offsets
 * move only after its commit.
 */
export function priceAndStore(
  { grid, database, deadLetters }: Parts,
  runtime: Runtime,
): BatchConsumerOptions["onBatch"] {
  const metrics = workerMetrics(runtime.metrics);
  const store = groupCommit(database, metrics.stored);

  /** Does a step again until it succeeds. @throws what waiting does not mend, or the signal's reason */
  async function untilDone<Result>(step: () => Promise<Result>, batch: RecordBatch, signal: AbortSignal) {
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await step();
      } catch (err) {
        const away = awayPart(err);
        if (away === undefined) throw err;
        metrics.waits.inc({ for: away });
        if (attempt === 0)
          runtime.logger.warn({ err, partition: batch.partition }, `waiting for the ${away}; the log keeps the events`);
        await sleep(backoffMs(attempt, WAIT), undefined, { signal });
      }
    }
  }

  async function priced(events: ReadEvent[]): Promise<PricedEvent[]> {
    const batch: PricedEvent[] = [];
    for (const { telemetry, record } of events) {
      const { sessionId, timestampMs } = telemetry;
      const price = sessionId === "" ? undefined : (grid.known(timestampMs) ?? (await grid.at(timestampMs)));
      batch.push({ telemetry, record, pricePerKwh: price?.price_per_kwh });
    }
    return batch;
  }

  /** Stores what the database takes. @returns what it refuses, found by halving */
  async function storeMost(events: PricedEvent[], batch: RecordBatch, signal: AbortSignal): Promise<Unreadable[]> {
    try {
      await untilDone(() => store(batch.partition, events), batch, signal);
      return [];
    } catch (error) {
      const [only] = events;
      if (signal.aborted || only === undefined) throw error;
      if (events.length === 1)
        return [{ record: only.record, reason: `the database refuses it: ${(error as Error).message}` }];
      const middle = events.length >> 1;
      const first = await storeMost(events.slice(0, middle), batch, signal);
      return first.concat(await storeMost(events.slice(middle), batch, signal));
    }
  }

  async function putAside(unreadable: Unreadable[], batch: RecordBatch, signal: AbortSignal): Promise<void> {
    const letters = unreadable.map((each) => asDeadLetter(batch, each));
    await untilDone(() => deadLetters.append(TOPICS.fleetEventsDeadLetter, letters), batch, signal);
    metrics.deadLetters.inc(letters.length);
    runtime.logger.warn(
      { partition: batch.partition, events: letters.length, reason: unreadable[0]?.reason },
      "events that cannot be read or stored went to the dead-letter topic",
    );
  }

  return async (batch, signal) => {
    const end = metrics.took.startTimer();
    const { events, unreadable } = decodeBatch(batch);
    if (events.length > 0) {
      const rows = await untilDone(() => priced(events), batch, signal);
      unreadable.push(...(await storeMost(rows, batch, signal)));
    }
    if (unreadable.length > 0) await putAside(unreadable, batch, signal);
    end();
    const newest = events.at(-1);
    if (newest) metrics.age.observe(Math.max(0, runtime.clock.nowMs() - newest.telemetry.timestampMs) / 1000);
    const behind = batch.highWatermark - 1 - Number(batch.records.at(-1)?.offset ?? 0);
    metrics.lag.set({ partition: batch.partition }, Math.max(0, behind));
  };
}

/** What is to be waited for, when waiting may mend an error. */
function awayPart(error: unknown): "grid" | "log" | "database" | undefined {
  if (error instanceof PriceUnavailable) return "grid";
  if (error instanceof AppendError) return error.retryable ? "log" : undefined;
  return isTransient(error) ? "database" : undefined;
}
