import {
  type Booking__Output,
  type BookingEvent,
  type BookingResponse__Output,
  ConnectorStatus,
  decodeBookingEvent,
  type Station__Output,
  TOPICS,
  WireBookingState,
} from "@greenlane/contracts";
import { openTopicReader } from "@greenlane/kafka";
import { openRedis, stationSlots } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { findBooking } from "@greenlane/timescale";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { slotDifferences, slotIds } from "./agreement.ts";
import { CarReports, kafkaOf } from "./carReports.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

let servers: Servers;
let booking: BookingService;
let reports: CarReports;

beforeAll(async () => {
  servers = await startServers(stationsInRow(3, 1));
  booking = await servers.booking({ AUDIT_EVERY_MS: "200" });
  reports = await CarReports.open(servers);
});
afterAll(async () => {
  await reports[Symbol.asyncDispose]();
  await booking.stop();
  await servers[Symbol.asyncDispose]();
});

async function eventsOf(carId: string): Promise<BookingEvent[]> {
  await using reader = await openTopicReader(kafkaOf(servers), TOPICS.bookingEvents, "test", silentLogger);
  const partition = reader.partitionOf(carId);
  const { low = 0, high = 0 } = (await reader.offsets())[partition] ?? {};
  const records = await reader.readRange(partition, low, high);
  return records.flatMap(({ value }) => decodeBookingEvent(value) ?? []).filter(({ car_id }) => car_id === carId);
}

const state = async (bookingId: string) => (await findBooking(servers.database, bookingId))?.state;

test("a car that plugs in fulfils its booking, and one that leaves gives back the rest of its slot", async () => {
  using client = new TestClient(booking.grpcPort);
  const { booking_id, station_id, end } = await client.books(wish("comes"));
  await reports.append("comes", { sessionId: booking_id, stationId: station_id });
  const fulfilled = await client.hears("booking", "comes", 2);
  expect(fulfilled).toMatchObject({ booking_id, state: WireBookingState.FULFILLED });
  await reports.append("comes");
  const ended = await client.hears("booking", "comes", 3);
  expect(ended.end).toBeLessThan(end);
  await until("the slot is free", async () => !(await slotIds(servers, station_id)).includes(booking_id));
  const events = await eventsOf("comes");
  expect(events.map(({ event_type }) => event_type)).toEqual([
    "booking_confirmed",
    "charging_started",
    "charging_ended",
  ]);
});

test("who does not come in time loses the slot, hears of it, and who stands in line gets it", async () => {
  const strict = await servers.booking({ ARRIVAL_WINDOW_MS: "1000", ZONE: "strict", LEASE_MS: "400" });
  await booking.stop(); // the other would wait for twenty minutes, and it is the one that keeps
  using client = new TestClient(strict.grpcPort);
  const only = { station_ids: ["station-2"], latitude: 40.7639, max_wait_minutes: 1 };
  const late = await client.books(wish("late", only));
  client.ask(wish("next", only));
  await client.hears("waitlisted", "next");
  const missed = await client.hears("booking", "late", 2);
  expect(missed).toMatchObject({ booking_id: late.booking_id, state: WireBookingState.NO_SHOW });
  const { offers } = await client.hears("offers", "next");
  expect(offers[0]?.station_id).toBe("station-2");
  await strict.stop();
  booking = await servers.booking({ AUDIT_EVERY_MS: "200" });
});

test("when a station goes out of order its bookings are moved elsewhere at no higher price, without being asked", async () => {
  using client = new TestClient(booking.grpcPort);
  const before = await client.books(wish("moved", { station_ids: ["station-1"] }));
  const set = (status: ConnectorStatus) =>
    client.call<object, Station__Output>(client.service.SetStationStatus, { station_id: "station-1", status });
  await set(ConnectorStatus.OUT_OF_ORDER);
  const after = await client.hears("booking", "moved", 2);
  expect(after).toMatchObject({ booking_id: before.booking_id, state: WireBookingState.RESERVED });
  expect(after.station_id).not.toBe("station-1");
  expect(after.price_per_kwh).toBeLessThanOrEqual(before.price_per_kwh);
  expect(await slotIds(servers, "station-1")).not.toContain(before.booking_id);
  expect(await slotIds(servers, after.station_id)).toContain(before.booking_id);
  await set(ConnectorStatus.AVAILABLE);
});

test("a car that will be late gets another time, and its old one is free", async () => {
  using client = new TestClient(booking.grpcPort);
  const before = await client.books(wish("delayed"));
  const earliest = before.start + 3_600_000;
  client.say({ move: { car_id: "delayed", booking_id: before.booking_id, earliest } });
  const after = await client.hears("booking", "delayed", 2);
  expect(after).toMatchObject({ booking_id: before.booking_id, version: 2 });
  expect(after.start).toBeGreaterThanOrEqual(earliest);
  client.say({ move: { car_id: "somebody", booking_id: before.booking_id, earliest } });
  await client.hears("refusal", "somebody");
});

test("a booking is canceled once; its car hears of it, and its slot is free", async () => {
  using client = new TestClient(booking.grpcPort);
  const { booking_id, station_id } = await client.books(wish("cancels"));
  const cancel = () => client.call<object, Booking__Output>(client.service.CancelBooking, { booking_id });
  expect(await cancel()).toMatchObject({ state: WireBookingState.CANCELED });
  expect(await client.hears("booking", "cancels", 2)).toMatchObject({ state: WireBookingState.CANCELED });
  expect(await slotIds(servers, station_id)).not.toContain(booking_id);
  await expect(cancel()).rejects.toMatchObject({ code: 9, details: expect.stringContaining("CANCELED") });
  await expect(client.call(client.service.GetBooking, { booking_id: "never" })).rejects.toMatchObject({ code: 5 });
});

test("a reason that is too long is refused by its name, and the booking stands", async () => {
  using client = new TestClient(booking.grpcPort);
  const { booking_id } = await client.books(wish("explains"));
  const cancel = (reason: string) =>
    client.call<object, Booking__Output>(client.service.CancelBooking, { booking_id, reason });
  const refused = { code: 3, details: expect.stringMatching(/^reason must /) };
  await expect(cancel("x".repeat(257))).rejects.toMatchObject(refused);
  await expect(cancel("no\0text")).rejects.toMatchObject(refused);
  const longest = "\u{1f50c}".repeat(256);
  expect(await cancel(longest)).toMatchObject({ state: WireBookingState.CANCELED, message: longest });
});

test("a change that Kafka will never take is put aside, and those after it are told", async () => {
  using client = new TestClient(booking.grpcPort);
  await servers.database.query(
    `INSERT INTO booking_outbox (car_id, event_type, event)
     VALUES ('huge', 'booking_failed', json_build_object('reason', repeat('x', 5000000)))`,
  );
  await client.books(wish("after-huge"));
  await until("the change after it is told", async () => (await eventsOf("after-huge")).length > 0);
  await until("only it is left", async () => {
    const { rows } = await servers.database.query(
      "SELECT car_id, put_aside_at IS NOT NULL AS aside FROM booking_outbox",
    );
    return JSON.stringify(rows) === JSON.stringify([{ car_id: "huge", aside: true }]);
  });
  const metrics = await (await fetch(`http://127.0.0.1:${booking.adminPort}/metrics`)).text();
  expect(metrics).toMatch(/^booking_events_put_aside_total\S* 1$/m);
});

test("time that becomes free is offered to a car that has booked for later and gains from it", async () => {
  using client = new TestClient(booking.grpcPort);
  const only = { station_ids: ["station-3"], latitude: 40.7729 };
  const first = await client.books(wish("goes", only));
  const later = await client.books(wish("gains", only));
  expect(later.start).toBeGreaterThanOrEqual(first.end);
  await client.call<object, Booking__Output>(client.service.CancelBooking, { booking_id: first.booking_id });
  const { invitation, request_id, offers } = await client.hears("offers", "gains", 2);
  expect(invitation).toBe(true);
  client.accept({ car_id: "gains", request_id }, offers[0]);
  const moved = await client.hears("booking", "gains", 2);
  expect(moved).toMatchObject({ booking_id: later.booking_id, state: WireBookingState.RESERVED, version: 2 });
  expect(moved.end).toBeLessThanOrEqual(later.start);
  await until("Redis has it as the database", async () => (await slotDifferences(servers)).length === 0);
});

test("a client that names a station gets its booking in one call, again when it asks again, or why not", async () => {
  using client = new TestClient(booking.grpcPort);
  const book = (more: object) =>
    client.call<object, BookingResponse__Output>(client.service.RequestBooking, {
      car_id: "names",
      station_id: "station-3",
      battery_level: 40,
      request_id: "named-1",
      ...more,
    });
  const booked = await book({});
  expect(booked).toMatchObject({ status: 1, station_id: "station-3", connector_id: "c1" });
  expect(await book({})).toMatchObject({ booking_id: booked.booking_id });
  const refused = await book({ request_id: "named-2" });
  expect(refused).toMatchObject({ status: 2, message: expect.stringContaining(booked.booking_id) });
  await until("the failure is told", async () =>
    (await eventsOf("names")).some(({ event_type }) => event_type === "booking_failed"),
  );
  await expect(book({ station_id: "nowhere" })).rejects.toMatchObject({ code: 5 });
  await expect(book({ battery_level: 101 })).rejects.toMatchObject({ code: 3 });
});

test("what Redis and the database disagree on is mended as the database says", async () => {
  using client = new TestClient(booking.grpcPort);
  const { booking_id, station_id, connector_id, end } = await client.books(wish("kept"));
  const redis = await openRedis(servers.redis.url, silentLogger);
  const slots = stationSlots(redis);
  await slots.release(station_id, [booking_id]);
  const ghost = { id: "ghost", slot: { connectorId: connector_id, startMs: end + 1, endMs: end + 60_000 } };
  await slots.confirm(station_id, [ghost]);
  await until("they agree", async () => {
    const ids = await slotIds(servers, station_id);
    return ids.includes(booking_id) && !ids.includes("ghost");
  });
  redis.disconnect();
  expect(await state(booking_id)).toBe("RESERVED");
});
