import { setTimeout as sleep } from "node:timers/promises";
import { TOPICS } from "@greenlane/contracts";
import { AppendError, type BatchConsumerOptions, type LogWriter, type RecordBatch } from "@greenlane/kafka";
import { backoffMs, type Runtime, unlessAborted } from "@greenlane/runtime";
import { type Database, isFaultOfData, isTransient, type PricedTelemetry } from "@greenlane/timescale";
import { asDeadLetter, inSlices, type Refused } from "./deadLetters.ts";
import { decodeBatch, type ReadEvent } from "./decodeBatch.ts";
import { type GridPrices, PriceUnavailable } from "./gridPrices.ts";
import { groupCommit } from "./groupCommit.ts";
import { workerMetrics } from "./workerMetrics.ts";

const WAIT = { baseMs: 100, maxMs: 1_000 };

interface Parts {
  grid: GridPrices;
  database: Database;
  deadLetters: LogWriter;
}

/** What a consumer is to do, and how it goes. */
export interface BatchWork extends Pick<BatchConsumerOptions, "onBatch" | "onAssigned"> {
  /** For how long the oldest batch has been under way, ms; 0 when none is. */
  oldestBatchMs(): number;
}

interface PricedEvent extends ReadEvent, PricedTelemetry {}

/**
 * What the worker does with a batch of one partition: decode, price, store, and put aside what cannot be read or what
 * the database refuses. While the grid, the database or the log is away it waits and tries again; the batch's offsets
 * move only after its commit.
 */
export function priceAndStore({ grid, database, deadLetters }: Parts, runtime: Runtime): BatchWork {
  const metrics = workerMetrics(runtime.metrics);
  const store = groupCommit(database, metrics.stored);

  /** Does a step again until it succeeds. @throws what waiting does not mend, or the signal's reason */
  async function untilDone<Result>(step: () => Promise<Result>, batch: RecordBatch, signal: AbortSignal) {
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await unlessAborted(step(), signal);
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
  async function storeMost(events: PricedEvent[], batch: RecordBatch, signal: AbortSignal): Promise<Refused[]> {
    try {
      await untilDone(() => store(events), batch, signal);
      return [];
    } catch (error) {
      const [only] = events;
      if (!isFaultOfData(error) || only === undefined) throw error;
      if (events.length === 1)
        return [{ record: only.record, reason: `the database refuses it: ${(error as Error).message}` }];
      const middle = events.length >> 1;
      const first = await storeMost(events.slice(0, middle), batch, signal);
      return first.concat(await storeMost(events.slice(middle), batch, signal));
    }
  }

  async function putAside(refused: Refused[], batch: RecordBatch, signal: AbortSignal): Promise<void> {
    for (const letters of inSlices(refused.map((each) => asDeadLetter(batch, each)))) {
      await untilDone(() => deadLetters.append(TOPICS.fleetEventsDeadLetter, letters), batch, signal);
      metrics.deadLetters.inc(letters.length);
    }
    runtime.logger.warn(
      { partition: batch.partition, events: refused.length, reason: refused[0]?.reason },
      "events that cannot be read or stored went to the dead-letter topic",
    );
  }

  async function work(batch: RecordBatch, signal: AbortSignal): Promise<void> {
    const end = metrics.took.startTimer();
    const { events, refused } = decodeBatch(batch);
    if (events.length > 0) {
      const rows = await untilDone(() => priced(events), batch, signal);
      refused.push(...(await storeMost(rows, batch, signal)));
    }
    if (refused.length > 0) await putAside(refused, batch, signal);
    end();
    const last = events.at(-1);
    if (last) metrics.age.observe(Math.max(0, runtime.clock.nowMs() - last.telemetry.timestampMs) / 1000);
  }

  const underWay = new Map<RecordBatch, number>();
  return {
    onBatch: async (batch, signal) => {
      const behindAfter = (record: RecordBatch["records"][number] | undefined) =>
        Math.max(0, batch.highWatermark - Number(record?.offset ?? batch.highWatermark));
      metrics.lag.set({ partition: batch.partition }, behindAfter(batch.records[0]));
      underWay.set(batch, performance.now());
      try {
        await work(batch, signal);
        metrics.lag.set({ partition: batch.partition }, Math.max(0, behindAfter(batch.records.at(-1)) - 1));
      } finally {
        underWay.delete(batch);
      }
    },
    onAssigned: () => metrics.lag.reset(),
    oldestBatchMs: () => {
      const [oldest] = underWay.values();
      return oldest === undefined ? 0 : performance.now() - oldest;
    },
  };
}

/** What is to be waited for, when waiting may mend an error. */
function awayPart(error: unknown): "grid" | "log" | "database" | undefined {
  if (error instanceof PriceUnavailable) return "grid";
  if (error instanceof AppendError) return error.retryable ? "log" : undefined;
  return isTransient(error) ? "database" : undefined;
}
