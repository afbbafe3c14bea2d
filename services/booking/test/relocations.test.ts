import { type EngineMessage__Output, RefusalReason } from "@greenlane/contracts";
import type { ChargeRequest } from "@greenlane/domain";
import { openRedis, type Redis, stationSlots } from "@greenlane/redis";
import { createMetrics, silentLogger, systemClock } from "@greenlane/runtime";
import { startPostgres, startRedis } from "@greenlane/testkit";
import {
  type Booking,
  closeDatabase,
  confirmBookings,
  type Database,
  type Fence,
  findBooking,
  migrate,
  moveBooking,
  openDatabase,
  takeFence,
  upsertStations,
} from "@greenlane/timescale";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { bookingMetrics } from "../src/bookingMetrics.ts";
import { EngineMessages } from "../src/engineMessages.ts";
import { GridForecast } from "../src/gridForecast.ts";
import { OpenStations } from "../src/openStations.ts";
import { Parties } from "../src/parties.ts";
import { Relocations } from "../src/relocations.ts";
import { SlotBook } from "../src/slotBook.ts";
import { StationDirectory } from "../src/stationDirectory.ts";
import { stationsInRow } from "./startedBooking.ts";
import { startTestGrid } from "./testGrid.ts";

const HOUR_MS = 3_600_000;

const opened = new AsyncDisposableStack();
let database: Database;
let redis: Redis;
let relocations: Relocations;
let fence: Fence;

beforeAll(async () => {
  const [postgres, redisServer, grid] = await Promise.all([startPostgres(), startRedis(), startTestGrid()]);
  for (const server of [postgres, redisServer, grid]) opened.use(server);
  await migrate(postgres.url, silentLogger);
  database = opened.adopt(openDatabase(postgres.url, silentLogger), closeDatabase);
  await upsertStations(database, stationsInRow(2, 2));
  redis = opened.adopt(await openRedis(redisServer.url, silentLogger), (client) => client.disconnect());
  const registry = createMetrics("test");
  const runtime = { logger: silentLogger, metrics: registry, clock: systemClock };
  const metrics = bookingMetrics(registry, { negotiations: () => 0, cars: () => 0, waiting: () => 0 });
  const directory = new StationDirectory(database);
  await directory.refresh();
  const forecast = opened.use(await new GridForecast(grid.url, 2_000, runtime).start());
  const book = new SlotBook(stationSlots(redis), database, runtime);
  const stations = new OpenStations(directory, book, forecast, systemClock);
  const messages = new EngineMessages(directory, forecast, HOUR_MS);
  const travel = { roadFactor: 1.3, speedKmh: 30, reservePercent: 2 };
  const parts = { database, redis, stations, book, parties: new Parties(), messages, metrics };
  relocations = new Relocations(parts, { travel, holdMs: 15_000 }, runtime);
  fence = await takeFence(database, "test");
});
afterAll(() => opened.disposeAsync());
beforeEach(async () => {
  await redis.flushall();
  await database.query("TRUNCATE bookings");
});

/** A car that is at the first station, and has its first connector for half an hour from now. */
async function book(carId: string, more: Partial<ChargeRequest> = {}): Promise<Booking> {
  const startMs = systemClock.nowMs();
  const request: ChargeRequest = {
    requestId: "r",
    carId,
    askedAtMs: startMs,
    at: { latitude: 40.7549, longitude: -73.984 },
    batteryPercent: 40,
    capacityKwh: 62,
    kwhPerKm: 0.2,
    targetPercent: 60,
    leastPercent: 60,
    maxPowerKw: 1_000,
    connectorTypes: [],
    earliestMs: 0,
    latestMs: startMs + 24 * HOUR_MS,
    maxWaitMs: 24 * HOUR_MS,
    valuePerHour: 20,
    maxPricePerKwh: 100,
    ...more,
  };
  const slot = { stationId: "station-1", connectorId: "c1", startMs, endMs: startMs + HOUR_MS / 2 };
  const what = { kwh: 12, pricePerKwh: 10, request, requestDigest: "" };
  await confirmBookings(database, [{ bookingId: `b-${carId}`, requestId: "r", carId, ...slot, ...what }]);
  return current(`b-${carId}`);
}

const current = async (bookingId: string) => (await findBooking(database, bookingId)) as Booking;

/** Asks for another time, so many times at once. @returns what the car is told */
async function move({ bookingId, carId }: Booking, earliest: number, times = 1): Promise<EngineMessage__Output[]> {
  const told: EngineMessage__Output[] = [];
  const party = { isOver: false, tell: (message: EngineMessage__Output) => void told.push(message) };
  const asked = { booking_id: bookingId, car_id: carId, earliest };
  await Promise.all(Array.from({ length: times }, () => relocations.move(asked, party)));
  return told;
}

test("a booking that has moved meanwhile stays where it is, though whoever saw it before would have it elsewhere", async () => {
  const seen = await book("moved");
  await moveBooking(database, seen, { ...seen, stationId: "station-2" }, "the car asked");
  const moved = await current(seen.bookingId);
  await relocations.relocate([seen], "its connector is out of order", fence);
  expect(await current(seen.bookingId)).toEqual(moved);
});

test("a booking for which there is no other slot is canceled, unless it has moved meanwhile", async () => {
  const seen = await book("stuck", { maxPricePerKwh: 0 });
  await moveBooking(database, seen, { ...seen, stationId: "station-2" }, "the car asked");
  await relocations.relocate([seen], "its connector is out of order", fence);
  const moved = await current(seen.bookingId);
  expect(moved).toMatchObject({ state: "RESERVED", stationId: "station-2" });
  await relocations.relocate([moved], "its connector is out of order", fence);
  expect(await current(seen.bookingId)).toMatchObject({ state: "CANCELED" });
});

test("the later time that a car has asked for is kept when its booking is renegotiated", async () => {
  const before = await book("later");
  const earliest = before.startMs + 2 * HOUR_MS;
  expect(await move(before, earliest)).toMatchObject([{ kind: "booking", booking: { version: 2 } }]);
  const asked = await current(before.bookingId);
  expect(asked.startMs).toBeGreaterThanOrEqual(earliest);
  await relocations.relocate([asked], "its connector is out of order", fence);
  const after = await current(before.bookingId);
  expect(after.startMs).toBeGreaterThanOrEqual(earliest);
});

test("of many cars that ask for another time at once some are told to come back a little later", async () => {
  const booking = await book("asks");
  const told = await move(booking, booking.startMs + HOUR_MS, 200);
  const refused = told.filter(({ refusal }) => refusal?.reason === RefusalReason.OVERLOADED);
  expect(refused.length).toBeGreaterThan(100);
  for (const { refusal } of refused) expect(refusal?.retry_after_ms).toBeGreaterThan(0);
  expect(told.map(({ kind }) => kind)).toContain("booking");
});
