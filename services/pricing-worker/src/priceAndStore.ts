import { setTimeout as sleep } from "node:timers/promises";
import { decodeTelemetry, HEADERS, type Telemetry, TOPICS } from "@greenlane/contracts";
import {
  AppendError,
  type BatchConsumerOptions,
  type LogRecord,
  type LogWriter,
  type RecordBatch,
} from "@greenlane/kafka";
import { backoffMs, Counter, Gauge, Histogram, LATENCY_BUCKETS_S, type Runtime } from "@greenlane/runtime";
import { type Database, isTransient, type PricedTelemetry, storeTelemetry } from "@greenlane/timescale";
import { type GridPrices, PriceUnavailable } from "./gridPrices.ts";

const WAIT = { baseMs: 100, maxMs: 1_000 };

interface Parts {
  grid: GridPrices;
  database: Database;
  deadLetters: LogWriter;
}

/**
 * What the worker does with a batch of one partition: decode, put aside what cannot be read, price, store. While the
 * grid, the database or the log is away it waits and tries again; the batch's offsets move only after its commit.
 */
export function priceAndStore(
  { grid, database, deadLetters }: Parts,
  runtime: Runtime,
): BatchConsumerOptions["onBatch"] {
  const registers = [runtime.metrics];
  const rows = new Counter({ name: "pricing_rows_total", help: "Telemetry rows stored", registers });
  const duplicates = new Counter({
    name: "pricing_duplicates_total",
    help: "Events that were stored already",
    registers,
  });
  const intervals = new Counter({ name: "pricing_intervals_total", help: "Charging intervals stored", registers });
  const poison = new Counter({ name: "pricing_dead_letters_total", help: "Events put aside as unreadable", registers });
  const waits = new Counter({
    name: "pricing_waits_total",
    help: "Waits for something that was away",
    labelNames: ["for"],
    registers,
  });
  const took = new Histogram({
    name: "pricing_batch_seconds",
    help: "A batch, from decoding to commit",
    buckets: LATENCY_BUCKETS_S,
    registers,
  });
  const age = new Histogram({
    name: "pricing_event_to_row_seconds",
    help: "From the event's own time to its commit",
    buckets: LATENCY_BUCKETS_S,
    registers,
  });
  const lag = new Gauge({
    name: "pricing_lag_records",
    help: "Records behind, by partition",
    labelNames: ["partition"],
    registers,
  });

  async function priced(events: Telemetry[]): Promise<PricedTelemetry[]> {
    const batch: PricedTelemetry[] = [];
    for (const telemetry of events) {
      const { sessionId, timestampMs } = telemetry;
      const price = sessionId === "" ? undefined : (grid.known(timestampMs) ?? (await grid.at(timestampMs)));
      batch.push({ telemetry, pricePerKwh: price?.price_per_kwh });
    }
    return batch;
  }

  async function once(batch: RecordBatch): Promise<void> {
    const end = took.startTimer();
    const { events, unreadable } = decodeBatch(batch);
    if (unreadable.length > 0) {
      await deadLetters.append(TOPICS.fleetEventsDeadLetter, unreadable);
      poison.inc(unreadable.length);
      runtime.logger.warn(
        { partition: batch.partition, events: unreadable.length },
        "events that cannot be read went to the dead-letter topic",
      );
    }
    const outcome = await storeTelemetry(database, await priced(events));
    rows.inc(outcome.stored);
    duplicates.inc(outcome.duplicates);
    intervals.inc(outcome.intervals);
    const nowMs = runtime.clock.nowMs();
    const newest = events.at(-1);
    if (newest !== undefined) age.observe(Math.max(0, nowMs - newest.timestampMs) / 1000);
    lag.set(
      { partition: batch.partition },
      Math.max(0, batch.highWatermark - Number(batch.records.at(-1)?.offset ?? 0) - 1),
    );
    end();
  }

  return async (batch, { signal, alive }) => {
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await once(batch);
      } catch (error) {
        const what = awayPart(error);
        if (what === undefined) throw error;
        waits.inc({ for: what });
        if (attempt === 0)
          runtime.logger.warn(
            { err: error, partition: batch.partition },
            `waiting for the ${what}; the log keeps the events`,
          );
        await sleep(backoffMs(attempt, WAIT), undefined, { signal });
        await alive();
      }
    }
  };
}

function awayPart(error: unknown): "grid" | "log" | "database" | undefined {
  if (error instanceof PriceUnavailable) return "grid";
  if (error instanceof AppendError) return error.retryable ? "log" : undefined;
  return isTransient(error) ? "database" : undefined;
}

function decodeBatch(batch: RecordBatch): { events: Telemetry[]; unreadable: LogRecord[] } {
  const events: Telemetry[] = [];
  const unreadable: LogRecord[] = [];
  for (const record of batch.records) {
    const decoded = decodeTelemetry(record.value);
    if (decoded.kind === "telemetry") events.push(decoded.telemetry);
    if (decoded.kind === "poison") {
      const origin = {
        [HEADERS.originTopic]: batch.topic,
        [HEADERS.originPartition]: `${batch.partition}`,
        [HEADERS.originOffset]: record.offset,
      };
      const headers = { ...record.headers, [HEADERS.reason]: decoded.reason, ...origin };
      unreadable.push({ key: record.key?.toString() ?? "", value: record.value?.toString() ?? "", headers });
    }
  }
  return { events, unreadable };
}
