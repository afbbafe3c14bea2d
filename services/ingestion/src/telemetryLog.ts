import { setImmediate as nextTurn } from "node:timers/promises";
import { encodeTelemetry, HEADERS, type Telemetry, TOPICS } from "@greenlane/contracts";
import type { LogRecord, LogWriter } from "@greenlane/kafka";
import { Counter, Gauge, Histogram, LATENCY_BUCKETS_S, type Runtime } from "@greenlane/runtime";

/** Who wants to know what became of an event. Told once an event, in the order in which the events were added. */
export interface AckTarget {
  acked(event: Telemetry): void;
  /** The log did not take the event; nothing further of this stream will be acked. */
  failed(): void;
}

interface Entry {
  event: Telemetry;
  target: AckTarget;
}

/** Takes a stream's events, one after the other. */
export type Lane = (event: Telemetry, target: AckTarget) => void;

export interface TelemetryLog extends AsyncDisposable {
  /** The lane of a new stream. All events of one stream, and so of one car, go through one lane. */
  openLane(): Lane;
}

interface TelemetryLogOptions {
  instance: string;
  maxEvents: number;
  /** Appends under way at once, at the most. */
  lanes: number;
  /** Told of each durable event, for the views that follow the log. */
  onDurable: (event: Telemetry) => void;
}

/**
 * Appends events to the log in batches. Each lane has one append under way, and its next batch is what came in
 * meanwhile: a quiet system waits for nothing, a busy one fills its batches, and the events of a stream reach the log,
 * and are acked, in the order in which they came. What waits is bounded by the streams: each holds a bounded number of
 * unacked events.
 */
export function startTelemetryLog(writer: LogWriter, runtime: Runtime, options: TelemetryLogOptions): TelemetryLog {
  const lanes = Array.from({ length: options.lanes }, () => ({
    waiting: [] as Entry[],
    running: undefined as Promise<void> | undefined,
  }));
  let opened = 0;

  const registers = [runtime.metrics];
  const appended = new Counter({
    name: "ingestion_events_appended_total",
    help: "Events acknowledged by Kafka",
    registers,
  });
  const failures = new Counter({
    name: "ingestion_appends_failed_total",
    help: "Batches that Kafka did not acknowledge",
    registers,
  });
  const sizes = new Histogram({
    name: "ingestion_batch_events",
    help: "Events a batch",
    buckets: [1, 2, 5, 10, 50, 100, 500, 1000, 2000],
    registers,
  });
  const took = new Histogram({
    name: "ingestion_append_seconds",
    help: "From handing a batch to Kafka to its acknowledgement",
    buckets: LATENCY_BUCKETS_S,
    registers,
  });
  new Gauge({
    name: "ingestion_events_waiting",
    help: "Events that wait for a batch",
    registers,
    collect() {
      this.set(lanes.reduce((sum, lane) => sum + lane.waiting.length, 0));
    },
  });

  async function run(lane: (typeof lanes)[number]): Promise<void> {
    await nextTurn(); // what this turn of the event loop brings goes along
    while (lane.waiting.length > 0) await append(lane.waiting.splice(0, options.maxEvents));
    lane.running = undefined;
  }

  async function append(entries: Entry[]): Promise<void> {
    const headers = { [HEADERS.receivedAtMs]: `${runtime.clock.nowMs()}`, [HEADERS.instance]: options.instance };
    const records: LogRecord[] = entries.map(({ event }) => ({
      key: event.carId,
      value: encodeTelemetry(event),
      headers,
    }));
    sizes.observe(records.length);
    const end = took.startTimer();
    try {
      await writer.append(TOPICS.fleetEvents, records);
    } catch (error) {
      failures.inc();
      runtime.logger.warn({ err: error, events: records.length }, "Kafka did not take a batch; its streams are told");
      for (const { target } of entries) target.failed();
      return;
    }
    end();
    appended.inc(entries.length);
    for (const { event, target } of entries) {
      options.onDurable(event);
      target.acked(event);
    }
  }

  return {
    openLane() {
      const lane = lanes[opened++ % lanes.length];
      if (lane === undefined) throw new Error("a telemetry log needs a lane");
      return (event, target) => {
        lane.waiting.push({ event, target });
        lane.running ??= run(lane);
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(lanes.map((lane) => lane.running));
    },
  };
}
