import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { encodeTelemetry, type Telemetry, TOPICS } from "@greenlane/contracts";
import { openLogWriter, openTopicAdmin } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";
import { startOwnServers } from "@greenlane/stage";
import {
  closeDatabase,
  confirmBookings,
  migrate,
  openDatabase,
  telemetryStore,
  upsertStations,
} from "@greenlane/timescale";
import { expect, test } from "vitest";
import { Books, toldTwice, ZEROS } from "../faults/books.ts";
import { playFaults } from "../faults/chaosRun.ts";
import { FAULTS } from "../faults/faults.ts";
import type { ToldOutcome } from "../faults/load/loadMessages.ts";
import { faultsOf } from "../faults/round.ts";

const PROGRAM = fileURLToPath(new URL("../faults/main.ts", import.meta.url));
const HOUR_MS = 3_600_000;

test("whatever is killed, cut, flushed or talks nonsense, what clients were told is stored, once, at its price", async () => {
  await using opened = new AsyncDisposableStack();
  const names = ["ingestion-killed", "postgres-cut", "redis-flushed", "grid-nonsense"];
  const faults = FAULTS.filter(({ name }) => names.includes(name));
  const load = { cars: 40, eventsPerSecond: 100, bookingsPerSecond: 5 };
  const options = { ...load, lastsMs: 3_000, say: () => undefined, opened };
  const rounds = await Array.fromAsync(playFaults(faults, options));
  expect(rounds.map(({ name }) => name)).toEqual(names);
  for (const round of rounds) {
    expect({ [round.name]: faultsOf(round) }).toEqual({ [round.name]: [] });
    expect(round.accounts.acked).toBeGreaterThan(0);
    expect(round.accounts.told).toBeGreaterThan(0);
  }
}, 300_000);

test("the books tell of every way in which clients, log and database disagree", async () => {
  await using servers = await startOwnServers();
  const kafka = { KAFKA_BROKERS: [servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  {
    await using admin = await openTopicAdmin(kafka, "test", silentLogger);
    await admin.ensureTopics();
  }
  await migrate(servers.postgres.url, silentLogger);
  const database = openDatabase(servers.postgres.url, silentLogger);
  try {
    const books = new Books(database, kafka);
    const atMs = Date.now();
    // The second is twice in the database, the third not at all, the fourth not in the log; prices are wrong, and the
    // second session has more than was acknowledged, the third less.
    const events = [1, 2, 3, 4].map((n) => report(n, atMs));
    const stored = events.filter(({ carId }) => carId !== "car-3");
    await telemetryStore(database)(stored.map((telemetry) => ({ telemetry, pricePerKwh: 50 })));
    await database.query("ALTER TABLE telemetry DROP CONSTRAINT telemetry_car_id_time_key");
    await database.query("INSERT INTO telemetry SELECT * FROM telemetry WHERE car_id = 'car-2'");
    await using writer = await openLogWriter(kafka, "test", silentLogger);
    const logged = [...events.slice(0, 3), ...events.slice(0, 1)];
    await writer.append(
      TOPICS.fleetEvents,
      logged.map((event) => ({ key: event.carId, value: encodeTelemetry(event) })),
    );
    await database.query("ALTER TABLE bookings DROP CONSTRAINT bookings_no_overlap");
    const connectors = [{ connectorId: "c1", powerKw: 50, type: "CCS", status: "available" as const }];
    await upsertStations(database, [{ stationId: "s1", name: "S1", latitude: 40.7, longitude: -74, connectors }]);
    const bookings = [told("b1", "car-1", atMs), told("b2", "car-2", atMs + 1)];
    await confirmBookings(
      database,
      bookings.map((booking) => {
        const request = { requestId: `${booking.bookingId}-request`, request: {}, requestDigest: "" };
        return { ...booking, ...request, kwh: 30, pricePerKwh: 0.2 };
      }),
    );
    const accounts = await books.close({
      acked: events.map(({ carId, timestampMs }) => ({ carId, timesMs: Float64Array.of(timestampMs) })),
      sessions: [1, 2, 4].map((n) => ({
        carId: `car-${n}`,
        sessionId: `session-${n}`,
        ackedKwh: [1, 1, 0.5, 1, 2][n] ?? 0,
      })),
      bookings: [bookings[0], told("b3", "car-3", atMs + 2 * HOUR_MS)].flatMap((one) =>
        one === undefined ? [] : [{ ...one, confirmedAtMs: atMs }],
      ),
      refusals: {},
    });
    expect(accounts).toMatchObject({ acked: 4, again: 1, told: 2 });
    expect(accounts).toMatchObject({
      lost: 1 + 1 + 1,
      doubled: 1 + 1,
      wrongPrice: 3,
      doubleBookings: 1,
      lostBookings: 1,
    });
    expect(ZEROS.every((zero) => accounts[zero] > 0)).toBe(true);
  } finally {
    await closeDatabase(database);
  }
});

test("cars that were told of one connector at one time are a double booking, unless one had given it up before", () => {
  const [first, second] = [told("b1", "car-1", 0), told("b2", "car-2", HOUR_MS / 2)];
  expect(toldTwice([first, second])).toBe(1);
  expect(toldTwice([first, { ...second, connectorId: "c2" }])).toBe(0);
  expect(toldTwice([first, { ...second, startMs: HOUR_MS }])).toBe(0);
  expect(
    toldTwice([
      { ...first, canceledAtMs: 5 },
      { ...second, confirmedAtMs: 6 },
    ]),
  ).toBe(0);
});

test("make chaos names every variable at fault and ends with 78 before it starts anything", () => {
  const env = { ...process.env, ONLY: "no-such-fault", SECONDS: "long" };
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM], { env, encoding: "utf8" });
  expect(status).toBe(78);
  expect(stderr.match(/^ {2}\w+(?=:)/gm)).toEqual(["  ONLY", "  SECONDS"]);
});

/** A report of a session, of one kilowatt hour. */
function report(n: number, timestampMs: number): Telemetry {
  const place = { latitude: 40.7, longitude: -74, velocityKmh: 0, odometerKm: 1, batteryPercent: 50 };
  const session = { chargingStationId: "s1", sessionId: `session-${n}`, energyKwh: 1 };
  return { carId: `car-${n}`, timestampMs, ...place, ...session };
}

/** A booking of one hour that its car keeps. */
function told(bookingId: string, carId: string, startMs: number): ToldOutcome {
  const slot = { stationId: "s1", connectorId: "c1", startMs, endMs: startMs + HOUR_MS };
  return { bookingId, carId, ...slot, confirmedAtMs: 1, canceledAtMs: undefined };
}
