import { type ConnectivityEvent, TOPICS } from "@greenlane/contracts";
import { AppendError, type LogWriter } from "@greenlane/kafka";
import { Batcher, Counter, endedWithin, type Runtime, retry } from "@greenlane/runtime";

const BOUNDS = { maxItems: 1_000, maxWaiting: 50_000 };
const RETRY = { attempts: Number.POSITIVE_INFINITY, baseMs: 200, maxMs: 2_000 };
/** What a clean stop waits for the last of them. */
const STOP_TIMEOUT_MS = 1_000;

export interface ConnectivityLog extends AsyncDisposable {
  record(eventType: ConnectivityEvent["event_type"], carId: string, reason: string): void;
}

/** Records cars' coming and going. While Kafka is away a bounded number wait; what is beyond is counted and let go. */
export function startConnectivityLog(writer: LogWriter, runtime: Runtime, instance: string): ConnectivityLog {
  const stopping = new AbortController();
  const lost = new Counter({
    name: "ingestion_connectivity_lost_total",
    help: "Connectivity events that could not be recorded",
    registers: [runtime.metrics],
  });
  const isRetryable = (error: unknown) => error instanceof AppendError && error.retryable;
  const batcher = new Batcher<ConnectivityEvent>({
    ...BOUNDS,
    work: async (events) => {
      const records = events.map((event) => ({ key: event.car_id, value: JSON.stringify(event) }));
      try {
        const append = () => writer.append(TOPICS.fleetConnectivity, records);
        await retry(append, { ...RETRY, isRetryable, signal: stopping.signal });
      } catch (err) {
        lost.inc(events.length);
        runtime.logger.warn({ err, events: events.length }, "connectivity events were not recorded");
      }
    },
  });
  return {
    record(event_type, car_id, reason) {
      if (!batcher.add({ event_type, car_id, timestamp: runtime.clock.nowMs(), reason, instance })) lost.inc();
    },
    async [Symbol.asyncDispose]() {
      await endedWithin(STOP_TIMEOUT_MS, batcher[Symbol.asyncDispose]());
      stopping.abort(new Error("stopping"));
    },
  };
}
