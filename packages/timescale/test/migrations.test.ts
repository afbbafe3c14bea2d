import type { Telemetry } from "@greenlane/contracts";
import { silentLogger } from "@greenlane/runtime";
import { startPostgres } from "@greenlane/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { type Database, migrate, openDatabase, telemetryStore } from "../src/index.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const server = await startPostgres();
const opened: Database[] = [];
afterAll(async () => {
  await Promise.all(opened.map((database) => database.end()));
  await server[Symbol.asyncDispose]();
});

const onServer = open(server.url);
const { rowCount } = await onServer.query("SELECT FROM pg_available_extensions WHERE name = 'timescaledb'");
const hasTimescale = rowCount === 1;

function open(url: string): Database {
  const database = openDatabase(url, silentLogger);
  opened.push(database);
  return database;
}

/** A new empty database of the server. @returns its URL */
async function newDatabase(name: string): Promise<string> {
  await onServer.query(`CREATE DATABASE ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** A database of a server without the extension is told apart by what its first migration wrote down. */
async function newPlainDatabase(name: string): Promise<string> {
  const url = await newDatabase(name);
  await open(url).query(
    `CREATE TABLE schema_migrations (name text PRIMARY KEY, variant text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
     INSERT INTO schema_migrations (name, variant) VALUES ('000_before_the_extension', 'plain')`,
  );
  return url;
}

/** Background jobs would refresh and compress at moments of their own. */
async function stopJobs(database: Database): Promise<void> {
  await database.query("SELECT _timescaledb_functions.stop_background_workers()");
}

/** Every table and view of ours with its columns, keys and indexes, as the server writes them. */
async function schemaOf(database: Database): Promise<Record<"columns" | "keys" | "indexes", string[]>> {
  const listOf = async (sql: string) =>
    (await database.query<{ line: string }>(sql)).rows.map(({ line }) => line).sort();
  return {
    columns: await listOf(
      `SELECT c.relname || ': ' || string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY a.attnum) AS line
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname <> 'schema_migrations'
       GROUP BY c.relname`,
    ),
    keys: await listOf(
      `SELECT conrelid::regclass || ': ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'c', 'f', 'x') AND conrelid <> 'schema_migrations'::regclass`,
    ),
    indexes: await listOf(
      `SELECT tablename || ': ' || substring(indexdef FROM 'USING .*') AS line FROM pg_indexes
       WHERE schemaname = 'public' AND tablename <> 'schema_migrations'`,
    ),
  };
}

const SCHEMA = {
  columns: [
    "billed_sessions: booking_id text, car_id text, station_id text, started_at timestamp with time zone, last_at timestamp with time zone, kwh double precision, grid_price_per_kwh double precision, locked_price_per_kwh double precision, grid_cost double precision, locked_cost double precision",
    "booking_outbox: event_id bigint NOT NULL, car_id text NOT NULL, event_type text NOT NULL, event json NOT NULL, put_aside_at timestamp with time zone",
    "bookings: booking_id text NOT NULL, request_id text NOT NULL, car_id text NOT NULL, station_id text, connector_id text, slot tstzrange, state text NOT NULL, kwh double precision NOT NULL, price_per_kwh double precision NOT NULL, reason text NOT NULL, request jsonb NOT NULL, request_digest text NOT NULL, checked_in_at timestamp with time zone, ended_at timestamp with time zone, created_at timestamp with time zone NOT NULL, updated_at timestamp with time zone NOT NULL, version integer NOT NULL",
    "charging_sessions: time timestamp with time zone NOT NULL, session_id text NOT NULL, station_id text NOT NULL, car_id text NOT NULL, kwh_usage double precision NOT NULL, price_rate double precision NOT NULL",
    "connectors: station_id text NOT NULL, connector_id text NOT NULL, power_kw double precision NOT NULL, connector_type text NOT NULL, status text NOT NULL",
    "energy_by_station_hourly: hour timestamp with time zone, station_id text, kwh double precision, cost double precision",
    "fences: name text NOT NULL, token bigint NOT NULL",
    "grid_prices: valid_from timestamp with time zone NOT NULL, valid_until timestamp with time zone NOT NULL, price_per_kwh double precision NOT NULL, grid_load text NOT NULL, energy_source text NOT NULL",
    "session_meters: car_id text NOT NULL, session_id text NOT NULL, read_at timestamp with time zone NOT NULL, energy_kwh double precision NOT NULL",
    "stations: station_id text NOT NULL, name text NOT NULL, latitude double precision NOT NULL, longitude double precision NOT NULL",
    "telemetry: time timestamp with time zone NOT NULL, car_id text NOT NULL, latitude double precision NOT NULL, longitude double precision NOT NULL, battery_percent double precision NOT NULL, velocity_kmh double precision NOT NULL, station_id text, session_id text, energy_kwh double precision, odometer_km double precision",
    "telemetry_by_car_minute: minute timestamp with time zone, car_id text, reports bigint, battery_min double precision, battery_max double precision, velocity_mean double precision",
  ],
  keys: [
    "booking_outbox: PRIMARY KEY (event_id)",
    "bookings: CHECK (((ended_at IS NULL) OR (state = 'FULFILLED'::text)))",
    "bookings: CHECK (((kwh >= (0)::double precision) AND (kwh < 'Infinity'::double precision)))",
    "bookings: CHECK (((price_per_kwh > '-Infinity'::double precision) AND (price_per_kwh < 'Infinity'::double precision)))",
    "bookings: CHECK (((state = 'FULFILLED'::text) = (checked_in_at IS NOT NULL)))",
    "bookings: CHECK (((state = ANY (ARRAY['REJECTED'::text, 'FAILED'::text])) OR (num_nulls(station_id, connector_id, slot) = 0)))",
    "bookings: CHECK ((booking_id <> ''::text))",
    "bookings: CHECK ((car_id <> ''::text))",
    "bookings: CHECK ((char_length(reason) <= 500))",
    "bookings: CHECK ((lower_inc(slot) AND (NOT upper_inc(slot)) AND (NOT upper_inf(slot)) AND (lower(slot) > '-infinity'::timestamp with time zone) AND (upper(slot) < 'infinity'::timestamp with time zone)))",
    "bookings: CHECK ((request_id <> ''::text))",
    "bookings: CHECK ((state = ANY (ARRAY['PENDING'::text, 'RESERVED'::text, 'REJECTED'::text, 'FAILED'::text, 'FULFILLED'::text, 'CANCELED'::text, 'NO_SHOW'::text])))",
    "bookings: EXCLUDE USING gist (hashtextextended(connector_id, hashtextextended(station_id, (0)::bigint)) WITH =, slot WITH &&, station_id WITH =, connector_id WITH =) WHERE ((state = ANY (ARRAY['PENDING'::text, 'RESERVED'::text, 'FULFILLED'::text])))",
    "bookings: FOREIGN KEY (station_id, connector_id) REFERENCES connectors(station_id, connector_id)",
    "bookings: PRIMARY KEY (booking_id)",
    "charging_sessions: CHECK ((kwh_usage > (0)::double precision))",
    'charging_sessions: UNIQUE (car_id, session_id, "time")',
    "connectors: CHECK (((power_kw > (0)::double precision) AND (power_kw < 'Infinity'::double precision)))",
    "connectors: CHECK ((connector_id <> ''::text))",
    "connectors: CHECK ((status = ANY (ARRAY['available'::text, 'out-of-order'::text])))",
    "connectors: FOREIGN KEY (station_id) REFERENCES stations(station_id)",
    "connectors: PRIMARY KEY (station_id, connector_id)",
    "fences: PRIMARY KEY (name)",
    "grid_prices: PRIMARY KEY (valid_from)",
    "session_meters: PRIMARY KEY (car_id, session_id)",
    "stations: CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision)))",
    "stations: CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision)))",
    "stations: CHECK ((station_id <> ''::text))",
    "stations: PRIMARY KEY (station_id)",
    'telemetry: UNIQUE (car_id, "time")',
  ],
  indexes: [
    "booking_outbox: USING btree (event_id)",
    "bookings: USING btree (COALESCE(lower(slot), created_at))",
    "bookings: USING btree (booking_id)",
    "bookings: USING btree (car_id) WHERE (state = ANY (ARRAY['PENDING'::text, 'RESERVED'::text]))",
    "bookings: USING btree (car_id, COALESCE(lower(slot), created_at))",
    "bookings: USING btree (car_id, request_id) WHERE (state <> ALL (ARRAY['REJECTED'::text, 'FAILED'::text]))",
    "bookings: USING btree (lower(slot)) WHERE (state = ANY (ARRAY['PENDING'::text, 'RESERVED'::text]))",
    "bookings: USING btree (station_id, COALESCE(lower(slot), created_at))",
    "bookings: USING btree (upper(slot)) WHERE (state = 'FULFILLED'::text)",
    "bookings: USING gist (hashtextextended(connector_id, hashtextextended(station_id, (0)::bigint)), slot, station_id, connector_id) WHERE (state = ANY (ARRAY['PENDING'::text, 'RESERVED'::text, 'FULFILLED'::text]))",
    "charging_sessions: USING brin (\"time\") WITH (pages_per_range='512', autosummarize='on')",
    'charging_sessions: USING btree (car_id, "time" DESC)',
    'charging_sessions: USING btree (car_id, session_id, "time")',
    'charging_sessions: USING btree (station_id, "time" DESC)',
    "connectors: USING btree (station_id, connector_id)",
    "fences: USING btree (name)",
    "grid_prices: USING btree (valid_from)",
    "session_meters: USING btree (car_id, session_id)",
    "stations: USING btree (station_id)",
    "telemetry: USING brin (\"time\") WITH (pages_per_range='512', autosummarize='on')",
    'telemetry: USING btree (car_id, "time")',
  ],
};

const variants = [
  { variant: "plain", make: newPlainDatabase },
  ...(hasTimescale ? [{ variant: "timescale", make: newDatabase }] : []),
];

describe.each(variants)("the $variant schema", async ({ variant, make }) => {
  const url = await make(`schema_${variant}`);
  const runs = await Promise.all([migrate(url, silentLogger), migrate(url, silentLogger), migrate(url, silentLogger)]);
  const database = open(url);
  if (variant === "timescale") await stopJobs(database);

  /** Brings the aggregates up to what the tables hold now; plain views always are. */
  async function refresh(view: string): Promise<void> {
    if (variant === "timescale") await database.query(`CALL refresh_continuous_aggregate('${view}', NULL, NULL)`);
  }

  test("is applied once, whoever else applies it at the same time", () => {
    expect(runs.flat().sort()).toEqual(["001_tables", "002_history", "003_bookings"]);
  });

  test("has these tables, views, keys and indexes, also after another run", async () => {
    expect(await schemaOf(database)).toEqual(SCHEMA);
    expect(await migrate(url, silentLogger)).toEqual([]);
    expect(await schemaOf(database)).toEqual(SCHEMA);
  });

  test("sums a station's energy and cost by the hours of UTC, wherever the reader is", async () => {
    const hourMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 5 * HOUR_MS;
    const interval = (car: string, station: string, afterMs: number, kwh: number, price: number) =>
      database.query("INSERT INTO charging_sessions VALUES (to_timestamp($1 / 1000.0), 's', $2, $3, $4, $5)", [
        hourMs + afterMs,
        station,
        car,
        kwh,
        price,
      ]);
    const reader = open(`${url}?options=-c%20TimeZone%3DAsia%2FKolkata`);
    const hours = async () =>
      (await reader.query("SELECT * FROM energy_by_station_hourly ORDER BY hour, station_id")).rows;
    const row = (hour: number, station_id: string, kwh: number, cost: number) => ({
      hour: new Date(hourMs + hour * HOUR_MS),
      station_id,
      kwh,
      cost,
    });

    await interval("A", "S1", 0, 0.5, 0.25);
    await interval("B", "S1", HOUR_MS - 1, 1.5, 0.5);
    await interval("A", "S2", HOUR_MS / 2, 4, 0.125);
    await interval("A", "S1", HOUR_MS, 2, 0.5);
    const expected = [row(0, "S1", 2, 0.875), row(0, "S2", 4, 0.5), row(1, "S1", 2, 1)];
    expect(await hours(), "from the rows").toEqual(expected);
    await refresh("energy_by_station_hourly");
    expect(await hours(), "from the aggregate").toEqual(expected);

    await interval("A", "S1", 2 * HOUR_MS, 8, 0.25);
    expect(await hours(), "from both").toEqual([...expected, row(2, "S1", 8, 2)]);
    await interval("C", "S2", 1, 0.5, 0.5);
    await refresh("energy_by_station_hourly");
    const withLate = [expected[0], row(0, "S2", 4.5, 0.75), expected[2], row(2, "S1", 8, 2)];
    expect(await hours(), "with one that came late").toEqual(withLate);
  });

  test("counts a car's reports by the minute, with the range of its battery and its mean speed", async () => {
    const minuteMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;
    const report = (car: string, afterMs: number, battery: number, velocity: number) =>
      database.query("INSERT INTO telemetry VALUES (to_timestamp($1 / 1000.0), $2, 40.7, -74, $3, $4)", [
        minuteMs + afterMs,
        car,
        battery,
        velocity,
      ]);
    const minutes = async () =>
      (
        await database.query("SELECT * FROM telemetry_by_car_minute WHERE minute < $1 ORDER BY minute, car_id", [
          new Date(minuteMs + HOUR_MS),
        ])
      ).rows;
    const row = (minute: number, car_id: string, rest: [string, number, number, number]) => ({
      minute: new Date(minuteMs + minute * 60_000),
      car_id,
      reports: rest[0],
      battery_min: rest[1],
      battery_max: rest[2],
      velocity_mean: rest[3],
    });

    await report("A", 0, 50, 40);
    await report("A", 59_999, 49.5, 60);
    await report("A", 60_000, 49, 0);
    await report("B", 30_000, 80, 12);
    const expected = [row(0, "A", ["2", 49.5, 50, 50]), row(0, "B", ["1", 80, 80, 12]), row(1, "A", ["1", 49, 49, 0])];
    expect(await minutes(), "from the rows").toEqual(expected);
    await refresh("telemetry_by_car_minute");
    expect(await minutes(), "from the aggregate").toEqual(expected);
    await report("A", 120_000, 48, 30);
    expect(await minutes(), "from both").toEqual([...expected, row(2, "A", ["1", 48, 48, 30])]);
  });

  test("stores an event once that comes days late, though its chunk is compressed by then", async () => {
    const fiveDaysAgoMs = Date.now() - 5 * DAY_MS;
    const charging = (n: number, energyKwh: number) => {
      const place = { latitude: 40.7, longitude: -74, velocityKmh: 0, odometerKm: 1 };
      const timestampMs = fiveDaysAgoMs + n * 1_000;
      const session = { chargingStationId: "S1", sessionId: "late", energyKwh };
      const telemetry: Telemetry = { carId: "LATE", timestampMs, batteryPercent: 50, ...session, ...place };
      return { telemetry, pricePerKwh: 0.25 };
    };
    const batch = Array.from({ length: 100 }, (_, n) => charging(2 * n, n + 1));
    expect(await telemetryStore(database)(batch)).toEqual({ stored: 100, duplicates: 0, intervals: 100 });
    if (variant === "timescale") {
      await database.query("SELECT compress_chunk(c, true) FROM show_chunks('telemetry') c");
      await database.query("SELECT compress_chunk(c, true) FROM show_chunks('charging_sessions') c");
    }
    const late = [charging(51, 26.25), charging(199, 101)];
    const outcomes = await Promise.all([
      telemetryStore(database)([...batch, ...late]),
      telemetryStore(database)([...late, ...batch]),
    ]);
    expect(outcomes.reduce((sum, { stored }) => sum + stored, 0)).toBe(2);
    expect(outcomes.reduce((sum, { intervals }) => sum + intervals, 0)).toBe(1);
    const { rows } = await database.query(
      `SELECT (SELECT count(*)::int FROM telemetry WHERE car_id = 'LATE') AS reports, count(*)::int AS intervals,
              sum(kwh_usage) AS kwh FROM charging_sessions WHERE car_id = 'LATE'`,
    );
    expect(rows).toEqual([{ reports: 102, intervals: 101, kwh: 101 }]);
  });
});

test("a database that was made with ordinary tables keeps them when its server gains the extension", async () => {
  const url = await newPlainDatabase("gained");
  await migrate(url, silentLogger);
  const { rows } = await open(url).query("SELECT DISTINCT variant FROM schema_migrations");
  expect(rows).toEqual([{ variant: "plain" }]);
  const extension = await open(url).query("SELECT FROM pg_extension WHERE extname = 'timescaledb'");
  expect(extension.rowCount).toBe(0);
});

if (hasTimescale)
  describe("where the extension is", async () => {
    const url = await newDatabase("policies");
    await migrate(url, silentLogger);
    const database = open(url);

    test("telemetry and charging sessions are hypertables in chunks of six hours and of a week", async () => {
      const { rows } = await database.query(
        `SELECT hypertable_name AS name, time_interval::text AS chunk FROM timescaledb_information.dimensions
       WHERE hypertable_schema = 'public' ORDER BY name`,
      );
      expect(rows).toEqual([
        { name: "charging_sessions", chunk: "7 days" },
        { name: "telemetry", chunk: "06:00:00" },
      ]);
    });

    test("a query over many chunks is not compiled", async () => {
      expect((await database.query("SHOW jit")).rows).toEqual([{ jit: "off" }]);
    });

    test("chunks are compressed, kept and aggregated by these policies", async () => {
      const { rows } = await database.query<{ policy: string }>(
        `SELECT concat_ws(' ', coalesce(view_name, job.hypertable_name), replace(proc_name, 'policy_', ''),
                'after ' || coalesce(config ->> 'compress_after', config ->> 'drop_after'),
                'from ' || (config ->> 'start_offset'), 'to ' || (config ->> 'end_offset')) AS policy
       FROM timescaledb_information.jobs job
         LEFT JOIN timescaledb_information.continuous_aggregates
           ON job.hypertable_name IN (view_name, materialization_hypertable_name)
         WHERE job.hypertable_name IS NOT NULL ORDER BY policy`,
      );
      expect(rows.map(({ policy }) => policy)).toEqual([
        "charging_sessions compression after 7 days",
        "charging_sessions retention after 10 years",
        "energy_by_station_hourly refresh_continuous_aggregate from 7 days to 01:00:00",
        "telemetry compression after 2 days",
        "telemetry retention after 90 days",
        "telemetry_by_car_minute compression after 7 days",
        "telemetry_by_car_minute refresh_continuous_aggregate from 2 days to 00:01:00",
        "telemetry_by_car_minute retention after 1 year",
      ]);
    });
  });
