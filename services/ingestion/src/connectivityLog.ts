import { type ConnectivityEvent, TOPICS } from "@greenlane/contracts";
import type { LogWriter } from "@greenlane/kafka";
import { Counter, type Runtime } from "@greenlane/runtime";

const MAX_WAITING = 50_000;
const MAX_A_RECORD_SET = 1_000;

/** Records cars' coming and going; at most 50,000 wait while Kafka is away, what is beyond is counted and let go. */
export function startConnectivityLog(writer: LogWriter, runtime: Runtime, instance: string) {
  let waiting: ConnectivityEvent[] = [];
  let writing: Promise<void> | undefined;
  const registers = [runtime.metrics];
  const lost = new Counter({
    name: "ingestion_connectivity_lost_total",
    help: "Connectivity events that could not be recorded",
    registers,
  });

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const events = waiting.splice(0, MAX_A_RECORD_SET);
      const records = events.map((event) => ({ key: event.car_id, value: JSON.stringify(event) }));
      try {
        await writer.append(TOPICS.fleetConnectivity, records);
      } catch (err) {
        lost.inc(events.length);
        runtime.logger.warn({ err, events: events.length }, "connectivity events were not recorded");
      }
    }
  }

  return {
    record(eventType: ConnectivityEvent["event_type"], carId: string, reason: string): void {
      if (waiting.length >= MAX_WAITING) {
        lost.inc();
        return;
      }
      waiting.push({ event_type: eventType, car_id: carId, timestamp: runtime.clock.nowMs(), reason, instance });
      writing ??= write().finally(() => {
        writing = undefined;
      });
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await writing;
      waiting = [];
    },
  };
}
