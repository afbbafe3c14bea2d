import type { Telemetry } from "@greenlane/contracts";
import { silentLogger } from "@greenlane/runtime";
import { startPostgres, type TestServer } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Database,
  migrate,
  openDatabase,
  type PricedTelemetry,
  recentSessions,
  summariseFleet,
  telemetryStore,
} from "../src/index.ts";

let server: TestServer;
let database: Database;
const storeTelemetry = (batch: PricedTelemetry[]) => telemetryStore(database)(batch);

beforeAll(async () => {
  server = await startPostgres();
  await migrate(server.url, silentLogger);
  database = openDatabase(server.url, silentLogger);
});
afterAll(async () => {
  await database.end();
  await server[Symbol.asyncDispose]();
});

function reading(carId: string, timestampMs: number, energyKwh: number, sessionId = `${carId}-1`): Telemetry {
  const place = { latitude: 40.7, longitude: -74, velocityKmh: 0, odometerKm: 1 };
  return { carId, timestampMs, batteryPercent: 50, chargingStationId: "S1", sessionId, energyKwh, ...place };
}
const priced = (telemetry: Telemetry, pricePerKwh = 0.2) => ({ telemetry, pricePerKwh });

test("an event that comes again, in its batch or later, is one row and adds no energy", async () => {
  const events = [reading("A", 1_000, 0.5), reading("A", 1_000, 0.5), reading("A", 2_000, 0.8)].map((t) => priced(t));
  expect(await storeTelemetry(events)).toEqual({ stored: 2, duplicates: 1, intervals: 2 });
  expect(await storeTelemetry(events)).toEqual({ stored: 0, duplicates: 3, intervals: 0 });
  const summary = await summariseFleet(database, ["A"], 0);
  expect(summary).toMatchObject({ rows: 2, sessions: 1 });
  expect(summary.kwh).toBeCloseTo(0.8, 9);
  expect(summary.cost).toBeCloseTo(0.16, 9);
});

test("a reading that comes late adds nothing, and the intervals still add up to the meter", async () => {
  await storeTelemetry([priced(reading("B", 1_000, 1))]);
  await storeTelemetry([priced(reading("B", 3_000, 3))]);
  await storeTelemetry([priced(reading("B", 2_000, 2))]);
  await storeTelemetry([priced(reading("B", 4_000, 4), 0.5)]);
  const [session] = await recentSessions(database, { carId: "B", limit: 1 });
  expect(session?.kwh).toBeCloseTo(4, 9);
  expect(session?.cost).toBeCloseTo(3 * 0.2 + 1 * 0.5, 9);
});

test("two writers of the same cars neither block each other for ever nor double a row", async () => {
  const batch = (offsetMs: number) =>
    Array.from({ length: 200 }, (_, n) => priced(reading(`C${n % 20}`, 10_000 + n + offsetMs, n)));
  const outcomes = await Promise.all(
    [batch(0), batch(100).reverse(), batch(50)].map((events) => storeTelemetry(events)),
  );
  const rows = outcomes.reduce((sum, { stored }) => sum + stored, 0);
  const cars = Array.from({ length: 20 }, (_, n) => `C${n}`);
  expect((await summariseFleet(database, cars, 0)).rows).toBe(rows);
});

test("two cars that give their sessions the same id are two sessions", async () => {
  await storeTelemetry([priced(reading("D", 1_000, 1, "S-1")), priced(reading("E", 1_000, 5, "S-1"))]);
  expect((await summariseFleet(database, ["D"], 0)).kwh).toBeCloseTo(1, 9);
  expect((await summariseFleet(database, ["E"], 0)).kwh).toBeCloseTo(5, 9);
});

test("two writers of one session account for its energy once", async () => {
  const readings = Array.from({ length: 40 }, (_, n) => priced(reading("F", 1_000 + n, (n + 1) / 10)));
  await Promise.all(
    [readings.slice(0, 10), readings.slice(10, 20), readings.slice(20), readings.slice(5, 30)].map((batch) =>
      storeTelemetry(batch),
    ),
  );
  expect((await summariseFleet(database, ["F"], 0)).kwh).toBeCloseTo(4, 9);
});

test("a report comes back from the database as it was sent, field by field", async () => {
  const plain: Telemetry = {
    carId: "Zoë–車 42",
    latitude: -40.123456789012344,
    longitude: 179.99999999999997,
    batteryPercent: 0.1,
    velocityKmh: 400,
    timestampMs: 1_764_000_000_123,
    chargingStationId: "",
    sessionId: "",
    energyKwh: 0,
    odometerKm: 1e8,
  };
  const charging = {
    ...plain,
    timestampMs: plain.timestampMs + 1,
    chargingStationId: "Straße",
    sessionId: "é",
    energyKwh: 1,
  };
  await storeTelemetry([plain, charging].map((t) => priced(t)));
  const { rows } = await database.query("SELECT * FROM telemetry WHERE car_id = $1 ORDER BY time", [plain.carId]);
  const row = ({ timestampMs, ...t }: Telemetry) => ({
    time: new Date(timestampMs),
    car_id: t.carId,
    latitude: t.latitude,
    longitude: t.longitude,
    battery_percent: t.batteryPercent,
    velocity_kmh: t.velocityKmh,
    station_id: t.chargingStationId || null,
    session_id: t.sessionId || null,
    energy_kwh: t.sessionId === "" ? null : t.energyKwh,
    odometer_km: t.odometerKm,
  });
  expect(rows).toEqual([row(plain), row(charging)]);
});

test("a store takes batches with and without events that it holds, in any turn", async () => {
  const store = telemetryStore(database);
  const at = (...times: number[]) => times.map((t) => priced(reading("G", t, t / 1_000)));
  expect(await store(at(1_000, 2_000))).toEqual({ stored: 2, duplicates: 0, intervals: 2 });
  expect(await store(at(2_000, 3_000))).toEqual({ stored: 1, duplicates: 1, intervals: 1 });
  expect(await store(at(3_000, 4_000, 4_000))).toEqual({ stored: 1, duplicates: 2, intervals: 1 });
  expect(await store(at(5_000))).toEqual({ stored: 1, duplicates: 0, intervals: 1 });
  expect(await store(at(6_000))).toEqual({ stored: 1, duplicates: 0, intervals: 1 });
  expect(await summariseFleet(database, ["G"], 0)).toMatchObject({ rows: 6, kwh: 6 });
});
