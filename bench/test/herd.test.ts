import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { openTopicAdmin } from "@greenlane/kafka";
import { openRedis, stationSlots } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { type OwnServers, startOwnServers } from "@greenlane/stage";
import {
  closeDatabase,
  confirmBookings,
  migrate,
  type NewBooking,
  openDatabase,
  upsertStations,
} from "@greenlane/timescale";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accountsOf } from "../herd/accounts.ts";
import type { CarRecord, ToldBooking } from "../herd/generatorMessages.ts";
import { faultsOf, startHerdRuns } from "../herd/herdRun.ts";

const PROGRAM = fileURLToPath(new URL("../herd/main.ts", import.meta.url));
const HOUR_MS = 3_600_000;

const cleanup = new AsyncDisposableStack();
let servers: OwnServers;

beforeAll(async () => {
  servers = cleanup.use(await startOwnServers());
});
afterAll(() => cleanup.disposeAsync());

test("a herd whose booking process is killed and whose Redis is emptied meanwhile is booked all the same, each car once", async () => {
  const size = { cars: 60, stations: 4, connectors: 2 };
  await using runs = await startHerdRuns(servers, { ...size, processes: 2, rate: 0, chaos: true });
  const run = await runs.run(1);
  expect(faultsOf(run)).toEqual([]);
  expect(run.accounts).toMatchObject({ booked: 60, equal: 60, double: 0, lost: 0, leaked: 0, missing: 0 });
  expect(new Set(run.record.bookings.map(({ car_id }) => car_id)).size).toBe(60);
});

test("the accounts of a herd tell of every way in which cars, database, Redis and Kafka disagree", async () => {
  await migrate(servers.postgres.url, silentLogger);
  const kafka = { KAFKA_BROKERS: [servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  await using admin = await openTopicAdmin(kafka, "test", silentLogger);
  await admin.ensureTopics();
  const database = openDatabase(servers.postgres.url, silentLogger);
  const redis = await openRedis(servers.redis.url, silentLogger);
  try {
    await database.query("DELETE FROM bookings");
    await database.query("ALTER TABLE bookings DROP CONSTRAINT bookings_no_overlap");
    await database.query("DROP INDEX bookings_one_a_car");
    const connectors = [{ connectorId: "c1", powerKw: 50, type: "CCS", status: "available" as const }];
    await upsertStations(database, [{ stationId: "s1", name: "S1", latitude: 40.7, longitude: -74, connectors }]);
    const firstMs = Date.now() + HOUR_MS;
    await confirmBookings(database, [booking("b1", "car-1", firstMs), booking("b2", "car-1", firstMs)]);
    const slots = stationSlots(redis);
    await slots.rebuild("s1", [slotOf("b1", firstMs), slotOf("b9", firstMs + HOUR_MS)]);
    const told = [toldOf("b1", firstMs), toldOf("b8", firstMs)];
    const parts = { database, slots, kafka, catchUpMs: 0 };
    const { accounts } = await accountsOf(parts, ["s1"], [{ told } as CarRecord]);
    expect(accounts).toEqual({
      booked: 2,
      double: 1,
      twice: 1,
      lost: 1,
      untold: 1,
      equal: 1,
      missing: 1,
      leaked: 1,
      eventless: 2,
    });
  } finally {
    redis.disconnect();
    await closeDatabase(database);
  }
});

function slotOf(id: string, startMs: number) {
  return { id, connectorId: "c1", startMs, endMs: startMs + HOUR_MS };
}

function toldOf(bookingId: string, startMs: number): ToldBooking {
  return { bookingId, stationId: "s1", connectorId: "c1", startMs, endMs: startMs + HOUR_MS };
}

function booking(bookingId: string, carId: string, startMs: number): NewBooking {
  const request = { requestId: `${bookingId}-request`, request: {}, requestDigest: "" };
  return { ...toldOf(bookingId, startMs), ...request, carId, kwh: 30, pricePerKwh: 0.2 };
}

test("make herd names every variable at fault and ends with 78 before it starts anything", () => {
  const env = { ...process.env, CARS: "many", CHAOS: "yes", SEEDS: "2", OUT: "herd.json" };
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM], { env, encoding: "utf8" });
  expect(status).toBe(78);
  expect(stderr.match(/^ {2}\w+(?=:)/gm)).toEqual(["  CARS", "  CHAOS", "  OUT"]);
});
