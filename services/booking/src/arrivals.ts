import { decodeTelemetry, TOPICS } from "@greenlane/contracts";
import { type BatchConsumer, consumeBatches, type RecordBatch } from "@greenlane/kafka";
import { type Runtime, retry } from "@greenlane/runtime";
import {
  type CheckIn,
  checkIn,
  type Database,
  endSessions,
  isTransient,
  type SessionEnd,
  sessionsUnderWay,
} from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import type { BookingConfig } from "./config.ts";
import type { SlotBook } from "./slotBook.ts";

/** What is in the JSON of every report of a charging car, and seldom in others: the rest need not be parsed. */
const SESSION_FIELD = '"session_id"';
const RETRY = { attempts: Number.POSITIVE_INFINITY, baseMs: 200, maxMs: 2_000, isRetryable: isTransient };

/** Partitions worked on at the same time. */
const PARTITIONS_AT_ONCE = 4;
/** Cars remembered: those that reported a session last. One that is forgotten is learnt of anew when it reports. */
const MAX_CARS = 100_000;
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

/** A car's newest report, of those that told of its session. */
interface Seen {
  /** "": none. */
  sessionId: string;
  stationId: string;
  atMs: number;
  /** Whether its booking waits for it still, so that its next report is looked at as if it were the first. */
  waits: boolean;
}

const NEVER: Seen = { sessionId: "", stationId: "", atMs: 0, waits: false };

/** By car, the one heard of longest ago at the head. */
type SeenCars = Map<string, Seen>;

/**
 * Learns from the telemetry who plugs in and who leaves. A booked session has its booking's id; a session with another
 * id is none of ours. What was learnt twice changes nothing: a report that is no newer than the last one of its car is
 * passed over, and the database, which remembers longer, ends a session only later than it began. A car that is not
 * where its booking is, or not yet, is tried again with each batch that has a report of it.
 */
class Arrivals {
  readonly #database: Database;
  readonly #book: SlotBook;
  readonly #metrics: BookingMetrics;
  readonly #runtime: Runtime;
  /** Of the partitions that this process has now; undefined until it is needed. */
  #seen: Promise<SeenCars> | undefined;

  constructor(parts: ArrivalParts, runtime: Runtime) {
    this.#database = parts.database;
    this.#book = parts.book;
    this.#metrics = parts.metrics;
    this.#runtime = runtime;
  }

  async onBatch(batch: RecordBatch, signal: AbortSignal): Promise<void> {
    const patiently = { ...RETRY, signal };
    this.#seen ??= this.#recall(signal);
    const before = await this.#seen;
    const { arrived, left, seen } = read(batch, before);
    if (arrived.length > 0) {
      const { fulfilled, waiting } = await retry(() => checkIn(this.#database, arrived), patiently);
      for (const last of seen.values()) last.waits = waiting.has(last.sessionId);
      // Those that begin with their car now.
      await this.#book.confirm(fulfilled.filter(({ startMs, checkedInAtMs }) => startMs === checkedInAtMs));
      this.#metrics.changes.inc({ change: "fulfilled" }, fulfilled.length);
    }
    if (left.length > 0) {
      const ended = await retry(() => endSessions(this.#database, left), patiently);
      const nowMs = this.#runtime.clock.nowMs();
      await this.#book.release(ended.filter(({ endMs }) => endMs <= nowMs));
      await this.#book.confirm(ended.filter(({ endMs }) => endMs > nowMs));
      this.#metrics.changes.inc({ change: "ended" }, ended.length);
    }
    for (const [carId, last] of seen) remember(before, carId, last);
  }

  /** Partitions come and go: what was known of their cars may be old. */
  onAssigned(): void {
    this.#seen = undefined;
  }

  /** Whom the database knows to charge: those that plugged in before this process had their partitions. */
  #recall(signal: AbortSignal): Promise<SeenCars> {
    const recalling = retry(() => sessionsUnderWay(this.#database, MAX_CARS), { ...RETRY, signal }).then((charging) => {
      const seen: SeenCars = new Map();
      for (const { carId, bookingId: sessionId, stationId, checkedInAtMs: atMs = 0 } of charging.reverse())
        remember(seen, carId, { sessionId, stationId, atMs, waits: false });
      return seen;
    });
    recalling.catch(() => {
      if (this.#seen === recalling) this.#seen = undefined;
    });
    return recalling;
  }
}

function remember(cars: SeenCars, carId: string, last: Seen): void {
  cars.delete(carId);
  cars.set(carId, last);
  const [longestAgo = carId] = cars.keys();
  if (cars.size > MAX_CARS) cars.delete(longestAgo);
}

/** Who plugged in and who left, in a batch, and the newest report of each car that told of its session. */
function read(batch: RecordBatch, before: SeenCars) {
  const arrived: CheckIn[] = [];
  const left: SessionEnd[] = [];
  const seen: SeenCars = new Map();
  const lastOf = (carId: string) => seen.get(carId) ?? before.get(carId) ?? NEVER;
  for (const { key, value } of batch.records) {
    const isCharging = before.size + seen.size > 0 && lastOf(`${key}`).sessionId !== "";
    if (!isCharging && value?.includes(SESSION_FIELD) !== true) continue;
    const event = decodeTelemetry(value);
    if (event.kind !== "telemetry") continue;
    const { carId, sessionId, chargingStationId: stationId, timestampMs: atMs } = event.telemetry;
    const last = lastOf(carId);
    if (atMs <= last.atMs) continue;
    seen.set(carId, { sessionId, stationId, atMs, waits: false });
    const isOther = last.sessionId !== sessionId;
    if (isOther && last.sessionId !== "") left.push({ bookingId: last.sessionId, carId, atMs });
    if (sessionId !== "" && (isOther || last.waits || last.stationId !== stationId))
      arrived.push({ bookingId: sessionId, carId, stationId, atMs });
  }
  return { arrived, left, seen };
}
