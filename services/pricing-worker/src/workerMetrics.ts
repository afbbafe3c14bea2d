import { Counter, Gauge, Histogram, LATENCY_BUCKETS_S, type Registry } from "@greenlane/runtime";
import type { StoredBatch } from "@greenlane/timescale";

/** What is counted of the worker's batches. */
export function workerMetrics(registry: Registry) {
  const registers = [registry];
  const rows = new Counter({ name: "pricing_rows_total", help: "Telemetry rows stored", registers });
  const duplicates = new Counter({
    name: "pricing_duplicates_total",
    help: "Events that were stored already",
    registers,
  });
  const intervals = new Counter({ name: "pricing_intervals_total", help: "Charging intervals stored", registers });
  return {
    stored(outcome: StoredBatch): void {
      rows.inc(outcome.stored);
      duplicates.inc(outcome.duplicates);
      intervals.inc(outcome.intervals);
    },
    deadLetters: new Counter({
      name: "pricing_dead_letters_total",
      help: "Events put aside as they cannot be read or stored",
      registers,
    }),
    waits: new Counter({
      name: "pricing_waits_total",
      help: "Waits for something that was away",
      labelNames: ["for"],
      registers,
    }),
    took: new Histogram({
      name: "pricing_batch_seconds",
      help: "A batch of one partition, from decoding to commit",
      buckets: LATENCY_BUCKETS_S,
      registers,
    }),
    age: new Histogram({
      name: "pricing_event_to_row_seconds",
      help: "From the time of a batch's last event to its commit",
      buckets: LATENCY_BUCKETS_S,
      registers,
    }),
    lag: new Gauge({
      name: "pricing_lag_records",
      help: "Records behind when the partition's batch began or ended",
      labelNames: ["partition"],
      registers,
    }),
  };
}
