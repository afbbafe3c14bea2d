import { openRedis, type Redis, stationMap, stationSlots } from "@greenlane/redis";
import { createMetrics, silentLogger, systemClock } from "@greenlane/runtime";
import { startPostgres, startRedis, type TestServer, until } from "@greenlane/testkit";
import {
  closeDatabase,
  confirmBookings,
  type Database,
  migrate,
  openDatabase,
  upsertStations,
} from "@greenlane/timescale";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { bookingMetrics } from "../src/bookingMetrics.ts";
import { SlotAudit } from "../src/slotAudit.ts";
import { SlotBook } from "../src/slotBook.ts";
import { StationDirectory } from "../src/stationDirectory.ts";
import { stationsInRow } from "./startedBooking.ts";

/** More than are audited at a time; what is booked is at the last. */
const STATIONS = 11;
const STATION = `station-${STATIONS}`;
const HOUR_MS = 3_600_000;

let servers: TestServer[];
let database: Database;
let redis: Redis;
let directory: StationDirectory;
/** The audits' clock. */
let nowMs: () => number;

beforeAll(async () => {
  const [postgres, redisServer] = await Promise.all([startPostgres(), startRedis()]);
  servers = [postgres, redisServer];
  await migrate(postgres.url, silentLogger);
  database = openDatabase(postgres.url, silentLogger);
  await upsertStations(database, stationsInRow(STATIONS, 2));
  directory = new StationDirectory(database);
  await directory.refresh();
  redis = await openRedis(redisServer.url, silentLogger);
});
afterAll(async () => {
  redis.disconnect();
  await closeDatabase(database);
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
});
beforeEach(async () => {
  nowMs = () => systemClock.nowMs();
  await redis.flushall();
  await database.query("TRUNCATE bookings");
});

function newAudit(): SlotAudit {
  const registry = createMetrics("test");
  const metrics = bookingMetrics(registry, { negotiations: () => 0, cars: () => 0, waiting: () => 0 });
  const runtime = { logger: silentLogger, metrics: registry, clock: { nowMs: () => nowMs() } };
  const book = new SlotBook(stationSlots(redis), database, runtime);
  return new SlotAudit({ database, redis, directory, book, metrics }, runtime);
}

/** Books the first connector for the next hour, in the database only. */
async function book(): Promise<void> {
  const startMs = systemClock.nowMs();
  const slot = { stationId: STATION, connectorId: "c1", startMs, endMs: startMs + HOUR_MS };
  const what = { kwh: 10, pricePerKwh: 0.3, request: {}, requestDigest: "" };
  await confirmBookings(database, [{ bookingId: "booked", requestId: "r", carId: "A", ...slot, ...what }]);
}

const slots = () => stationSlots(redis);
const slotIds = async () => (await slots().read([STATION]))[0]?.map(({ id }) => id);

test("a slot that Redis has not, or that is nobody's, is mended when two looks in a row find it so", async () => {
  const audit = newAudit();
  await audit.run();
  await book();
  const startMs = systemClock.nowMs();
  await slots().confirm(STATION, [{ id: "ghost", slot: { connectorId: "c2", startMs, endMs: startMs + HOUR_MS } }]);
  await audit.run();
  expect(await slotIds(), "after one look").toEqual(["ghost"]);
  await audit.run();
  expect(await slotIds(), "after two").toEqual(["booked"]);
});

test("an audit that is to end mends nothing", async () => {
  const audit = newAudit();
  await audit.run();
  await book();
  for (let n = 0; n < 2; n++) await audit.run(AbortSignal.abort());
  expect(await slotIds()).toEqual([]);
});

test("a slot that has ended is not put back", async () => {
  const audit = newAudit();
  await audit.run();
  await book();
  nowMs = () => systemClock.nowMs() + 2 * HOUR_MS;
  await audit.run();
  await audit.run();
  expect(await slotIds()).toEqual([]);
});

test("holds that ran out are removed, though nobody asks for their station", async () => {
  const audit = newAudit();
  await audit.run();
  const startMs = systemClock.nowMs();
  const slot = { connectorId: "c1", startMs, endMs: startMs + HOUR_MS };
  await slots().hold(STATION, [{ id: "hold", slot }], 1);
  await until("it is removed", async () => {
    await audit.run();
    return (await slotIds())?.length === 0;
  });
});

test("the stations are put on the map where Redis has lost it", async () => {
  await newAudit().run();
  const found = await stationMap(redis).near({ latitude: 40.7549, longitude: -73.984 }, 1, 10);
  expect(found.map(({ stationId }) => stationId)).toContain("station-1");
});
