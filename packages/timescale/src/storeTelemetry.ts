import type { Telemetry } from "@greenlane/contracts";
import { float8Array, textArray, timestamptzArray } from "./binaryArrays.ts";
import { accountEnergy, type PricedTelemetry } from "./chargingIntervals.ts";
import { copyIn } from "./copyIn.ts";
import { type Database, inTransaction, type Session, sqlState } from "./database.ts";
import { TELEMETRY_COLUMNS, telemetryRows } from "./telemetryRows.ts";

/** What became of a batch. */
export interface StoredBatch {
  /** Rows that were new. */
  stored: number;
  /** Events that the database had already. */
  duplicates: number;
  /** Charging intervals written. */
  intervals: number;
}

const UNIQUE_VIOLATION = "23505";

/** Inserts what is new and tells of that only the reports of charging sessions. */
const INSERT_TELEMETRY = `
WITH stored AS (
  INSERT INTO telemetry (${TELEMETRY_COLUMNS})
  SELECT t, car, lat, lon, battery, velocity, nullif(station, ''), nullif(session, ''),
         CASE WHEN session <> '' THEN energy END, odometer
  FROM unnest($1::timestamptz[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::text[], $8::text[], $9::float8[], $10::float8[])
    AS batch (t, car, lat, lon, battery, velocity, station, session, energy, odometer)
  ON CONFLICT (car_id, time) DO NOTHING
  RETURNING car_id, time, session_id
)
SELECT (SELECT count(*)::int FROM stored) AS stored,
       (SELECT coalesce(array_agg(car_id || ' ' || (extract(epoch FROM time) * 1000)::bigint), '{}') FROM stored WHERE session_id IS NOT NULL) AS charging`;

const eventKey = ({ carId, timestampMs }: Telemetry) => `${carId} ${timestampMs}`;

/**
 * What stores batches, each in one transaction: every report that is new, and the charging intervals that the new ones
 * add. A report that the database holds already adds nothing, so a batch that comes again changes nothing.
 *
 * As a rule all of a batch is new: then it is copied in as it is, at half the price of asking of each row whether it is
 * there. Where that ends at a row that is, and for as long as batches bring such rows, each row is asked for.
 */
export function telemetryStore(database: Database): (batch: readonly PricedTelemetry[]) => Promise<StoredBatch> {
  let repeats = false;
  return async (batch) => {
    // One order for all writers, so that two of them never wait for each other in a circle.
    const events = inOrder(batch);
    const outcome =
      (repeats ? undefined : await storeUnlessHeld(database, events)) ?? (await storeNew(database, events));
    const duplicates = batch.length - outcome.stored;
    repeats = outcome.stored < events.length;
    return { ...outcome, duplicates };
  };
}

type Stored = Omit<StoredBatch, "duplicates">;

/** Stores events none of which the database holds. @returns undefined, and stores none, when it holds one */
async function storeUnlessHeld(database: Database, events: PricedTelemetry[]): Promise<Stored | undefined> {
  const rows = telemetryRows(events.map(({ telemetry }) => telemetry));
  let isHeld = false;
  try {
    return await inTransaction(database, async (session) => {
      await copyIn(session, `telemetry (${TELEMETRY_COLUMNS})`, rows).catch((error: unknown) => {
        isHeld = sqlState(error) === UNIQUE_VIOLATION;
        throw error;
      });
      return { stored: events.length, intervals: await accountEnergy(session, readingsOf(events)) };
    });
  } catch (error) {
    if (isHeld) return undefined;
    throw error;
  }
}

/** Stores those events that the database does not hold. */
function storeNew(database: Database, events: PricedTelemetry[]): Promise<Stored> {
  return inTransaction(database, async (session) => {
    const { stored, charging } = await insertTelemetry(session, events);
    const fresh = new Set(charging);
    const readings = readingsOf(events).filter(({ telemetry }) => fresh.has(eventKey(telemetry)));
    return { stored, intervals: await accountEnergy(session, readings) };
  });
}

/** The reports of charging sessions. */
const readingsOf = (events: PricedTelemetry[]) => events.filter(({ telemetry }) => telemetry.sessionId !== "");

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** By car, then by time, each event once. Most come in the order of their times: cars are sorted, not events. */
function inOrder(batch: readonly PricedTelemetry[]): PricedTelemetry[] {
  const cars = new Map<string, PricedTelemetry[]>();
  for (const event of batch) {
    const held = cars.get(event.telemetry.carId);
    if (held === undefined) cars.set(event.telemetry.carId, [event]);
    else held.push(event);
  }
  const ordered: PricedTelemetry[] = [];
  for (const carId of [...cars.keys()].sort(compare)) {
    const events = cars.get(carId) ?? [];
    if (!events.every((event, n) => n === 0 || timeOf(event) >= timeOf(events[n - 1])))
      events.sort((a, b) => timeOf(a) - timeOf(b));
    for (const [n, event] of events.entries())
      if (n === 0 || timeOf(event) > timeOf(events[n - 1])) ordered.push(event);
  }
  return ordered;
}

const timeOf = (event: PricedTelemetry | undefined) => event?.telemetry.timestampMs ?? Number.NEGATIVE_INFINITY;

async function insertTelemetry(
  session: Session,
  batch: PricedTelemetry[],
): Promise<{ stored: number; charging: string[] }> {
  const numbers = (pick: (t: Telemetry) => number) => float8Array(batch.map(({ telemetry }) => pick(telemetry)));
  const texts = (pick: (t: Telemetry) => string) => textArray(batch.map(({ telemetry }) => pick(telemetry)));
  const { rows } = await session.query<{ stored: number; charging: string[] }>({
    name: "insert-telemetry",
    text: INSERT_TELEMETRY,
    values: [
      timestamptzArray(batch.map(({ telemetry }) => telemetry.timestampMs)),
      texts((t) => t.carId),
      numbers((t) => t.latitude),
      numbers((t) => t.longitude),
      numbers((t) => t.batteryPercent),
      numbers((t) => t.velocityKmh),
      texts((t) => t.chargingStationId),
      texts((t) => t.sessionId),
      numbers((t) => t.energyKwh),
      numbers((t) => t.odometerKm),
    ],
  });
  return rows[0] ?? { stored: 0, charging: [] };
}
