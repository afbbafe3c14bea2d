import { decodeTelemetry, TOPICS } from "@greenlane/contracts";
import { priceCurve, SETTLEMENT_INTERVAL_MS, syntheticProfile } from "@greenlane/domain";
import { type KafkaConfig, openTopicReader, type PartitionOffsets } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";
import type { Database } from "@greenlane/timescale";
import type { Harvest, ToldOutcome } from "./load/loadMessages.ts";

/** What clients were told, against what is stored. All but the first three must be 0. */
export interface Accounts {
  /** Reports that were acknowledged. */
  acked: number;
  /** Records in the log beyond them: what was sent again. At least once is what the log promises. */
  again: number;
  /** Bookings that cars were told are theirs, new ones. */
  told: number;
  /** Acknowledged, and not in the database or not in the log; sessions with less energy than was acknowledged. */
  lost: number;
  /** Rows beyond one an event; sessions with more energy than was acknowledged. */
  doubled: number;
  /** Rows of energy at another price than the grid's of their own time. */
  wrongPrice: number;
  /** Pairs of bookings that overlap on a connector, in the database or as cars were told. */
  doubleBookings: number;
  /** Cars were told that they have it, and the database has it otherwise or not at all. */
  lostBookings: number;
}

export const ZEROS = ["lost", "doubled", "wrongPrice", "doubleBookings", "lostBookings"] as const;

/** Of one query, one read. */
const AT_ONCE = 20_000;
const KWH_TOLERANCE = 1e-6;
const PRICE_TOLERANCE = 1e-9;
/** Where mock-grid is, unless it is told otherwise. */
const GRID_TIME_ZONE = "America/New_York";

const ROWS_OF_EVENTS = `
SELECT (count(*) FILTER (WHERE found = 0))::int AS lost, coalesce(sum(greatest(found - 1, 0)), 0)::int AS doubled
FROM (
  SELECT (SELECT count(*) FROM telemetry WHERE car_id = car AND time = timestamptz 'epoch' + ms * interval '1 millisecond') AS found
  FROM unnest($1::text[], $2::float8[]) AS acked (car, ms)
) AS counted`;

const ROWS_OF_SESSIONS = `
SELECT car_id AS "carId", session_id AS "sessionId", sum(kwh_usage) AS kwh,
       array_agg(extract(epoch FROM time)::float8 * 1000) AS "timesMs", array_agg(price_rate) AS prices
FROM charging_sessions JOIN unnest($1::text[], $2::text[]) AS wanted (car, session) ON car_id = car AND session_id = session
GROUP BY car_id, session_id`;

const ACTIVE = "('PENDING', 'RESERVED', 'FULFILLED')";
const OVERLAPS = `
SELECT count(*)::int AS pairs FROM bookings AS fresh JOIN bookings AS other USING (station_id, connector_id)
WHERE fresh.updated_at >= to_timestamp($1 / 1000.0) AND fresh.booking_id <> other.booking_id
  AND (other.updated_at < to_timestamp($1 / 1000.0) OR fresh.booking_id < other.booking_id)
  AND fresh.slot && other.slot AND fresh.state IN ${ACTIVE} AND other.state IN ${ACTIVE}`;

const BOOKINGS = `
SELECT booking_id AS "bookingId", car_id AS "carId", station_id AS "stationId", connector_id AS "connectorId", state,
       round(extract(epoch FROM lower(slot)) * 1000)::float8 AS "startMs", round(extract(epoch FROM upper(slot)) * 1000)::float8 AS "endMs"
FROM bookings WHERE booking_id = ANY ($1)`;

interface BookingRow {
  bookingId: string;
  carId: string;
  stationId: string;
  connectorId: string;
  state: string;
  startMs: number;
  endMs: number;
}

const priceAt = (() => {
  const curve = priceCurve(syntheticProfile, GRID_TIME_ZONE);
  const known = new Map<number, number>();
  return (atMs: number): number => {
    const interval = Math.floor(atMs / SETTLEMENT_INTERVAL_MS);
    const price = known.get(interval) ?? curve(atMs).pricePerKwh;
    known.set(interval, price);
    return price;
  };
})();

/** Compares what is new since it last did, when nothing is under way. */
export class Books {
  readonly #database: Database;
  readonly #kafka: KafkaConfig;
  #from: PartitionOffsets[] = [];
  #sinceMs = Date.now();

  constructor(database: Database, kafka: KafkaConfig) {
    this.#database = database;
    this.#kafka = kafka;
  }

  /** @throws Error when the database or the log does not answer */
  async close(harvest: Harvest): Promise<Accounts> {
    const [sinceMs, untilMs] = [this.#sinceMs, Date.now()];
    const rows = await this.#rowsOf(harvest);
    const log = await this.#logOf(harvest);
    const energy = await this.#energyOf(harvest);
    const bookings = await this.#bookingsOf(harvest.bookings);
    this.#sinceMs = untilMs;
    return {
      acked: harvest.acked.reduce((sum, { timesMs }) => sum + timesMs.length, 0),
      again: log.again,
      told: harvest.bookings.filter(({ confirmedAtMs }) => confirmedAtMs >= sinceMs).length,
      lost: rows.lost + log.lost + energy.lost,
      doubled: rows.doubled + energy.doubled,
      wrongPrice: energy.wrongPrice,
      ...bookings,
    };
  }

  async #rowsOf({ acked }: Harvest): Promise<{ lost: number; doubled: number }> {
    const cars = acked.flatMap(({ carId, timesMs }) => Array.from(timesMs, () => carId));
    const times = acked.flatMap(({ timesMs }) => [...timesMs]);
    let [lost, doubled] = [0, 0];
    for (let at = 0; at < cars.length; at += AT_ONCE) {
      const { rows } = await this.#database.query<{ lost: number; doubled: number }>(ROWS_OF_EVENTS, [
        cars.slice(at, at + AT_ONCE),
        times.slice(at, at + AT_ONCE),
      ]);
      lost += rows[0]?.lost ?? 0;
      doubled += rows[0]?.doubled ?? 0;
    }
    return { lost, doubled };
  }

  /** Reads what the log got since the last time, and looks for what was acknowledged since. */
  async #logOf({ acked }: Harvest): Promise<{ lost: number; again: number }> {
    await using reader = await openTopicReader(this.#kafka, TOPICS.fleetEvents, "chaos", silentLogger);
    const missing = new Map(acked.map(({ carId, timesMs }) => [carId, new Set(timesMs)]));
    const starts = new Map(this.#from.map(({ partition, high }) => [partition, high]));
    let again = 0;
    const offsets = await reader.offsets();
    for (const { partition, low, high } of offsets) {
      for (let at = starts.get(partition) ?? low; at < high; at += AT_ONCE) {
        for (const { value } of await reader.readRange(partition, at, Math.min(high, at + AT_ONCE))) {
          const event = decodeTelemetry(value);
          if (event.kind !== "telemetry") continue;
          const times = missing.get(event.telemetry.carId);
          if (times !== undefined && !times.delete(event.telemetry.timestampMs)) again++;
        }
      }
    }
    this.#from = offsets;
    return { lost: [...missing.values()].reduce((sum, times) => sum + times.size, 0), again };
  }

  async #energyOf({ sessions }: Harvest): Promise<{ lost: number; doubled: number; wrongPrice: number }> {
    const { rows } = await this.#database.query<{
      carId: string;
      sessionId: string;
      kwh: number;
      timesMs: number[];
      prices: number[];
    }>(ROWS_OF_SESSIONS, [sessions.map(({ carId }) => carId), sessions.map(({ sessionId }) => sessionId)]);
    const stored = new Map(rows.map((row) => [row.sessionId, row]));
    const found = { lost: 0, doubled: 0, wrongPrice: 0 };
    for (const { sessionId, ackedKwh } of sessions) {
      const { kwh = 0, timesMs = [], prices = [] } = stored.get(sessionId) ?? {};
      if (kwh < ackedKwh - KWH_TOLERANCE) found.lost++;
      if (kwh > ackedKwh + KWH_TOLERANCE) found.doubled++;
      const isWrong = (atMs: number, n: number) =>
        Math.abs((prices[n] ?? 0) - priceAt(Math.round(atMs))) > PRICE_TOLERANCE;
      found.wrongPrice += timesMs.filter(isWrong).length;
    }
    return found;
  }

  async #bookingsOf(told: ToldOutcome[]): Promise<{ doubleBookings: number; lostBookings: number }> {
    const overlaps = await this.#database.query<{ pairs: number }>(OVERLAPS, [this.#sinceMs]);
    const { rows } = await this.#database.query<BookingRow>(BOOKINGS, [told.map(({ bookingId }) => bookingId)]);
    const stored = new Map(rows.map((row) => [row.bookingId, row]));
    return {
      doubleBookings: (overlaps.rows[0]?.pairs ?? 0) + toldTwice(told),
      lostBookings: told.filter((booking) => !isKept(booking, stored.get(booking.bookingId))).length,
    };
  }
}

/** Whether the database has a booking as its car knows it. One whose car did not come is over some time after its end. */
function isKept(told: ToldOutcome, row: BookingRow | undefined): boolean {
  if (row === undefined) return false;
  const isSame =
    row.carId === told.carId &&
    row.stationId === told.stationId &&
    row.connectorId === told.connectorId &&
    row.startMs === told.startMs &&
    row.endMs === told.endMs;
  if (told.canceledAtMs !== undefined) return isSame && row.state === "CANCELED";
  return isSame && (row.state === "RESERVED" || (row.state === "NO_SHOW" && row.endMs < Date.now()));
}

/** Pairs of cars that were told at one moment that a connector is theirs at one time. */
export function toldTwice(told: ToldOutcome[]): number {
  const byConnector = Map.groupBy(told, ({ stationId, connectorId }) => `${stationId}/${connectorId}`);
  let pairs = 0;
  for (const own of byConnector.values()) {
    own.sort((a, b) => a.startMs - b.startMs);
    own.forEach((one, n) => {
      for (let m = n + 1; m < own.length; m++) {
        const other = own[m];
        if (other === undefined || other.startMs >= one.endMs) break;
        const untilMs = Math.min(one.canceledAtMs ?? Infinity, other.canceledAtMs ?? Infinity);
        if (Math.max(one.confirmedAtMs, other.confirmedAtMs) < untilMs) pairs++;
      }
    });
  }
  return pairs;
}
