import { carKey, GROUPS, TOPICS, WireBookingState } from "@greenlane/contracts";
import { openTopicAdmin } from "@greenlane/kafka";
import { openRedis, stationSlots } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { type Booking, findBooking, moveBooking } from "@greenlane/timescale";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { CarReports, kafkaOf } from "./carReports.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

let servers: Servers;
let booking: BookingService;
let reports: CarReports;

beforeAll(async () => {
  servers = await startServers(stationsInRow(4, 2));
  booking = await servers.booking();
  reports = await CarReports.open(servers);
});
afterAll(async () => {
  await reports[Symbol.asyncDispose]();
  await booking.stop();
  await servers[Symbol.asyncDispose]();
});

/** Waits until all that cars have reported is read, and what came of it committed. */
async function untilRead(): Promise<void> {
  await using admin = await openTopicAdmin(kafkaOf(servers), "test", silentLogger);
  await until("all reports are read", async () => {
    const partitions = await admin.lag(GROUPS.booking, TOPICS.fleetEvents);
    return partitions.every(({ lag }) => lag === 0);
  });
}

test("reports that come twice, in whatever order, end no session that goes on", async () => {
  using client = new TestClient(booking.grpcPort);
  const { booking_id, station_id } = await client.books(wish("twice"));
  const session = { sessionId: booking_id, stationId: station_id };
  const nowMs = Date.now();
  const came = () => reports.append("twice", undefined, nowMs);
  const pluggedIn = () => reports.append("twice", session, nowMs + 1);
  for (const report of [came, pluggedIn, came, pluggedIn]) await report();
  await reports.append("twice", session, nowMs + 2);
  await reports.append("twice", undefined, nowMs + 3);
  const ended = await until("it has ended", async () => {
    const found = await findBooking(servers.database, booking_id);
    return found?.endedAtMs !== undefined && found;
  });
  expect(ended).toMatchObject({ checkedInAtMs: nowMs + 1, endedAtMs: nowMs + 3, version: 3 });
  expect(await client.hears("booking", "twice", 2)).toMatchObject({ state: WireBookingState.FULFILLED });
});

test("a car that first names another station than its booking's checks in as soon as it names the right one", async () => {
  using client = new TestClient(booking.grpcPort);
  const { booking_id, station_id } = await client.books(wish("elsewhere"));
  await reports.append("elsewhere", { sessionId: booking_id, stationId: "nowhere" });
  await untilRead();
  await reports.append("elsewhere", { sessionId: booking_id, stationId: station_id });
  expect(await client.hears("booking", "elsewhere", 2)).toMatchObject({ state: WireBookingState.FULFILLED });
});

test("a car whose booking is moved to where it is already checks in, though it reports nothing new", async () => {
  using client = new TestClient(booking.grpcPort);
  const { booking_id } = await client.books(wish("before-its-move", { station_ids: ["station-1"] }));
  const session = { sessionId: booking_id, stationId: "station-2" };
  await reports.append("before-its-move", session);
  await untilRead();
  const stands = (await findBooking(servers.database, booking_id)) as Booking;
  await moveBooking(servers.database, stands, { ...stands, stationId: "station-2" }, "");
  await reports.append("before-its-move", session);
  await until("it has checked in", async () => {
    return (await findBooking(servers.database, booking_id))?.state === "FULFILLED";
  });
});

test("a car that plugged in before the process was started anew ends its session when it leaves", async () => {
  using client = new TestClient(booking.grpcPort);
  const { booking_id, station_id } = await client.books(wish("outlasts"));
  await reports.append("outlasts", { sessionId: booking_id, stationId: station_id });
  await client.hears("booking", "outlasts", 2);
  await booking.stop();
  booking = await servers.booking();
  await reports.append("outlasts");
  await until("it has ended", async () => (await findBooking(servers.database, booking_id))?.endedAtMs !== undefined);
});

test("a car that plugs in long before its slot has its connector from then on, in Redis as in the database", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = { station_ids: ["station-3"], earliest: Date.now() + 3_600_000, max_wait_minutes: 600 };
  const { booking_id, station_id, end } = await client.books(wish("early", asked));
  const atMs = Date.now();
  await reports.append("early", { sessionId: booking_id, stationId: station_id }, atMs);
  expect(await client.hears("booking", "early", 2)).toMatchObject({ start: atMs, end });
  const redis = await openRedis(servers.redis.url, silentLogger);
  await until("Redis has it, too", async () => {
    const [slots = []] = await stationSlots(redis).read([station_id]);
    return slots.some(({ id, startMs, endMs }) => id === booking_id && startMs === atMs && endMs === end);
  });
  redis.disconnect();
});

test("a car that has plugged in is no no-show, though the log that says so is read late", async () => {
  using client = new TestClient(booking.grpcPort);
  const { booking_id, station_id } = await client.books(wish("unread", { station_ids: ["station-4"] }));
  const redis = await openRedis(servers.redis.url, silentLogger);
  const atMs = Date.now();
  const report = { timestamp: atMs, battery: 30, velocity: 0, charging_station_id: station_id, session_id: booking_id };
  await redis.hset(carKey("unread"), report);
  redis.disconnect();
  await servers.database.query(
    "UPDATE bookings SET slot = tstzrange(lower(slot) - interval '30 minutes', upper(slot)) WHERE booking_id = $1",
    [booking_id],
  );
  const decided = await until("it waits no longer", async () => {
    const found = await findBooking(servers.database, booking_id);
    return found?.state !== "RESERVED" && found;
  });
  expect(decided).toMatchObject({ state: "FULFILLED", checkedInAtMs: atMs });
});
