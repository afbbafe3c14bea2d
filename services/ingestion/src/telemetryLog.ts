import { encodeTelemetry, HEADERS, type Telemetry, TOPICS } from "@greenlane/contracts";
import type { LogWriter } from "@greenlane/kafka";
import { Batcher, Counter, endedWithin, gaugeOf, Histogram, LATENCY_BUCKETS_S, type Runtime } from "@greenlane/runtime";

/** For so long a failure is held against Kafka; then only the next event can tell. */
const FAILURE_COUNTS_MS = 5_000;
/** An append takes some ms; one that has taken so long is as good as failed. */
const OVERDUE_MS = 2_000;
/** What a clean stop waits for an append; the cars of what is not acked then were told to send it again. */
const STOP_TIMEOUT_MS = 1_000;

/** Who wants to know what became of an event. Told once an event, in the order in which the events were added. */
export interface AckTarget {
  acked(event: Telemetry): void;
  /** The log did not take the event; nothing further of this stream will be acked. */
  failed(): void;
  /** Whether its stream is over: what it still has to be appended will be sent again. */
  isGone(): boolean;
}

interface Entry {
  event: Telemetry;
  receivedAtMs: number;
  target: AckTarget;
}

/** Where a stream hands in its events, one after the other. */
export interface Lane {
  /** @returns false, and takes nothing, when too many events wait already */
  append(event: Telemetry, receivedAtMs: number, target: AckTarget): boolean;
  /** Whether the log can take more; else streams are to be paused. */
  hasRoom(): boolean;
}

export interface TelemetryLog extends AsyncDisposable {
  /** The lane of a new stream. All events of one stream, and so of one car, go through one lane. */
  openLane(): Lane;
  /** Whether Kafka left a batch unacknowledged a moment ago, or is leaving one so. */
  isFailing(): boolean;
}

interface TelemetryLogOptions {
  instance: string;
  /** Events in one append, at the most. */
  maxEvents: number;
  /** Appends under way at once, at the most. */
  lanes: number;
  /** How long an append after one of several events waits for as many, ms. */
  gatherMs: number;
  /** Events that may wait for an append in all; streams are paused when half as many wait. */
  maxWaiting: number;
  /** Told of each durable event, for the views that follow the log. */
  onDurable: (event: Telemetry) => void;
}

/**
 * Appends events to the log in batches, one batch a lane at a time: the events of a stream reach the log, and are
 * acked, in the order in which they came.
 */
export function startTelemetryLog(writer: LogWriter, runtime: Runtime, options: TelemetryLogOptions): TelemetryLog {
  const metrics = telemetryLogMetrics(runtime, () => lanes.reduce((sum, lane) => sum + lane.waiting, 0));
  let failedAtMs = Number.NEGATIVE_INFINITY;
  /** When each append under way began. */
  const appending = new Set<number>();
  const isOverdue = () => [...appending].some((startedAtMs) => performance.now() - startedAtMs > OVERDUE_MS);

  async function append(taken: Entry[]): Promise<void> {
    const entries = taken.filter(({ target }) => !target.isGone());
    if (entries.length === 0) return;
    const headersAt = headersOfTheSameTime(options.instance);
    const records = entries.map(({ event, receivedAtMs }) => ({
      key: event.carId,
      value: encodeTelemetry(event),
      headers: headersAt(receivedAtMs),
    }));
    metrics.sizes.observe(records.length);
    const end = metrics.took.startTimer();
    const startedAtMs = performance.now();
    appending.add(startedAtMs);
    try {
      await writer.append(TOPICS.fleetEvents, records);
    } catch (error) {
      failedAtMs = performance.now();
      metrics.failures.inc();
      runtime.logger.warn({ err: error, events: records.length }, "Kafka did not take a batch; its streams are told");
      for (const { target } of entries) target.failed();
      return;
    } finally {
      appending.delete(startedAtMs);
    }
    failedAtMs = Number.NEGATIVE_INFINITY;
    end();
    metrics.appended.inc(entries.length);
    for (const { event, target } of entries) {
      options.onDurable(event);
      target.acked(event);
    }
  }

  const maxWaiting = Math.ceil(options.maxWaiting / options.lanes);
  const lanes = Array.from(
    { length: options.lanes },
    () => new Batcher<Entry>({ maxItems: options.maxEvents, maxWaiting, gatherMs: options.gatherMs, work: append }),
  );
  let opened = 0;
  return {
    openLane() {
      const lane = lanes[opened++ % lanes.length];
      if (lane === undefined) throw new Error("a telemetry log needs a lane");
      return {
        append: (event, receivedAtMs, target) => lane.add({ event, receivedAtMs, target }),
        hasRoom: () => lane.waiting < maxWaiting / 2,
      };
    },
    isFailing: () => isOverdue() || performance.now() - failedAtMs < FAILURE_COUNTS_MS,
    async [Symbol.asyncDispose]() {
      await endedWithin(STOP_TIMEOUT_MS, Promise.all(lanes.map((lane) => lane[Symbol.asyncDispose]())));
    },
  };
}

/** Events of one millisecond share one object of headers, which is then encoded once: it is frozen. */
function headersOfTheSameTime(instance: string): (receivedAtMs: number) => Readonly<Record<string, string>> {
  let headers: Readonly<Record<string, string>> = {};
  let ofMs: number | undefined;
  return (receivedAtMs) => {
    if (receivedAtMs !== ofMs) {
      headers = Object.freeze({ [HEADERS.receivedAtMs]: `${receivedAtMs}`, [HEADERS.instance]: instance });
      ofMs = receivedAtMs;
    }
    return headers;
  };
}

function telemetryLogMetrics({ metrics }: Runtime, waiting: () => number) {
  const registers = [metrics];
  gaugeOf(metrics, "ingestion_events_waiting", "Events that wait for a batch", waiting);
  return {
    appended: new Counter({ name: "ingestion_events_appended_total", help: "Events acknowledged by Kafka", registers }),
    failures: new Counter({
      name: "ingestion_appends_failed_total",
      help: "Batches that Kafka did not acknowledge",
      registers,
    }),
    sizes: new Histogram({
      name: "ingestion_batch_events",
      help: "Events a batch",
      buckets: [1, 2, 5, 10, 50, 100, 500, 1000, 2000],
      registers,
    }),
    took: new Histogram({
      name: "ingestion_append_seconds",
      help: "From handing a batch to Kafka to its acknowledgement",
      buckets: LATENCY_BUCKETS_S,
      registers,
    }),
  };
}
