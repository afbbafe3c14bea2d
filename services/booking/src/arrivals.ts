import { decodeTelemetry, TOPICS } from "@greenlane/contracts";
import { type BatchConsumer, consumeBatches, type RecordBatch } from "@greenlane/kafka";
import { type Runtime, retry } from "@greenlane/runtime";
import { type CheckIn, checkIn, type Database, endSessions, isTransient, type SessionEnd } from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import type { BookingConfig } from "./config.ts";
import type { SlotBook } from "./slotBook.ts";

/** What is in the JSON of every report of a charging car, and seldom in others: the rest need not be parsed. */
const SESSION_FIELD = '"session_id"';
const RETRY = { attempts: Number.POSITIVE_INFINITY, baseMs: 200, maxMs: 2_000, isRetryable: isTransient };

/** Partitions worked on at the same time. */
const PARTITIONS_AT_ONCE = 4;
const JOIN_RETRY = { attempts: Number.POSITIVE_INFINITY, baseMs: 500, maxMs: 5_000 };

export interface ArrivalParts {
  database: Database;
  book: SlotBook;
  metrics: BookingMetrics;
}

export interface RunningArrivals extends AsyncDisposable {
  /** Partitions assigned to this process now. */
  assigned(): number;
}

/** Starts to learn of arrivals; joining the group may take a while, which nobody waits for. */
export function startArrivals(config: BookingConfig, parts: ArrivalParts, runtime: Runtime): RunningArrivals {
  const stopping = new AbortController();
  const arrivals = new Arrivals(parts, runtime);
  let consumer: BatchConsumer | undefined;
  const consume = () =>
    consumeBatches(
      config,
      {
        groupId: config.KAFKA_GROUP_ID,
        topics: [TOPICS.fleetEvents],
        fromBeginning: true,
        partitionsAtOnce: PARTITIONS_AT_ONCE,
        onBatch: (batch, signal) => arrivals.onBatch(batch, signal),
        onAssigned: () => arrivals.onAssigned(),
      },
      runtime.logger,
    );

  async function join(): Promise<void> {
    try {
      const onRetry = (err: unknown) => runtime.logger.warn({ err }, "arrivals are not heard of; trying on");
      consumer = await retry(consume, { ...JOIN_RETRY, onRetry, signal: stopping.signal });
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    }
  }

  const joining = join();
  return {
    assigned: () => consumer?.assigned() ?? 0,
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new Error("stopping"));
      await joining;
      await consumer?.[Symbol.asyncDispose]();
    },
  };
}

/**
 * Learns from the telemetry who plugs in and who leaves. A booked session has its booking's id; a session with another
 * id is none of ours. What was learnt twice changes nothing.
 */
class Arrivals {
  readonly #database: Database;
  readonly #book: SlotBook;
  readonly #metrics: BookingMetrics;
  readonly #runtime: Runtime;
  /** The session that a car was last seen in. */
  readonly #charging = new Map<string, string>();

  constructor(parts: ArrivalParts, runtime: Runtime) {
    this.#database = parts.database;
    this.#book = parts.book;
    this.#metrics = parts.metrics;
    this.#runtime = runtime;
  }

  async onBatch(batch: RecordBatch, signal: AbortSignal): Promise<void> {
    const { arrived, left, sessions } = read(batch, this.#charging);
    const patiently = { ...RETRY, signal };
    if (arrived.length > 0) {
      const fulfilled = await retry(() => checkIn(this.#database, arrived), patiently);
      this.#metrics.changes.inc({ change: "fulfilled" }, fulfilled.length);
    }
    if (left.length > 0) {
      const ended = await retry(() => endSessions(this.#database, left), patiently);
      const nowMs = this.#runtime.clock.nowMs();
      await this.#book.release(ended.filter(({ endMs }) => endMs <= nowMs));
      await this.#book.confirm(ended.filter(({ endMs }) => endMs > nowMs));
      this.#metrics.changes.inc({ change: "ended" }, ended.length);
    }
    for (const [carId, sessionId] of sessions) {
      if (sessionId === "") this.#charging.delete(carId);
      else this.#charging.set(carId, sessionId);
    }
  }

  /** Partitions come and go: what was known of their cars may be old. */
  onAssigned(): void {
    this.#charging.clear();
  }
}

/** Who plugged in and who left, in a batch, and each such car's session after it; "": none. */
function read(batch: RecordBatch, charging: ReadonlyMap<string, string>) {
  const arrived: CheckIn[] = [];
  const left: SessionEnd[] = [];
  const sessions = new Map<string, string>();
  for (const { key, value } of batch.records) {
    const isCharging = charging.size + sessions.size > 0 && (charging.has(`${key}`) || sessions.has(`${key}`));
    if (!isCharging && value?.includes(SESSION_FIELD) !== true) continue;
    const event = decodeTelemetry(value);
    if (event.kind !== "telemetry") continue;
    const { carId, sessionId, chargingStationId: stationId, timestampMs: atMs } = event.telemetry;
    const former = sessions.get(carId) ?? charging.get(carId) ?? "";
    if (former === sessionId) continue;
    if (former !== "") left.push({ bookingId: former, carId, atMs });
    if (sessionId !== "") arrived.push({ bookingId: sessionId, carId, stationId, atMs });
    sessions.set(carId, sessionId);
  }
  return { arrived, left, sessions };
}
