import { type ConnectivityEvent, TOPICS } from "@greenlane/contracts";
import type { LogWriter } from "@greenlane/kafka";
import { Batcher, Counter, type Runtime } from "@greenlane/runtime";

const BOUNDS = { maxItems: 1_000, maxWaiting: 50_000 };

export interface ConnectivityLog extends AsyncDisposable {
  record(eventType: ConnectivityEvent["event_type"], carId: string, reason: string): void;
}

/** Records cars' coming and going. While Kafka is away a bounded number wait; what is beyond is counted and let go. */
export function startConnectivityLog(writer: LogWriter, runtime: Runtime, instance: string): ConnectivityLog {
  const lost = new Counter({
    name: "ingestion_connectivity_lost_total",
    help: "Connectivity events that could not be recorded",
    registers: [runtime.metrics],
  });
  const batcher = new Batcher<ConnectivityEvent>({
    ...BOUNDS,
    work: async (events) => {
      const records = events.map((event) => ({ key: event.car_id, value: JSON.stringify(event) }));
      try {
        await writer.append(TOPICS.fleetConnectivity, records);
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
    [Symbol.asyncDispose]: () => batcher[Symbol.asyncDispose](),
  };
}
