import { decodeBookingEvent, RefusalReason, TOPICS, WireBookingState } from "@greenlane/contracts";
import { openTopicReader } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { findBooking, listBookings } from "@greenlane/timescale";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { kafkaOf } from "./carReports.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

let servers: Servers;
let booking: BookingService;

beforeAll(async () => {
  servers = await startServers(stationsInRow(2, 1));
  booking = await servers.booking();
});
afterAll(async () => {
  await booking.stop();
  await servers[Symbol.asyncDispose]();
});

/** The types of the events that the log has of a car. */
async function eventsOf(carId: string): Promise<string[]> {
  await using reader = await openTopicReader(kafkaOf(servers), TOPICS.bookingEvents, "test", silentLogger);
  const partition = reader.partitionOf(carId);
  const { low = 0, high = 0 } = (await reader.offsets())[partition] ?? {};
  const events = (await reader.readRange(partition, low, high)).flatMap(({ value }) => decodeBookingEvent(value) ?? []);
  return events.filter(({ car_id }) => car_id === carId).map(({ event_type }) => event_type);
}

test("a request for which there can be no slot is written down as rejected and told of, once, however often it comes", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("too-far", { latitude: 42, battery_level: 5 });
  client.ask(asked);
  const { reason, message } = await client.hears("refusal", "too-far");
  expect(reason).toBe(RefusalReason.NO_OPTION);
  client.ask(asked);
  await client.hears("refusal", "too-far", 2);
  await until("everybody hears of it", async () => (await eventsOf("too-far")).length > 0);
  await client.books(wish("near")); // what was told before is there
  expect(await eventsOf("too-far")).toEqual(["booking_failed"]);
  const rows = await listBookings(servers.database, { carId: "too-far", limit: 10 });
  expect(rows).toMatchObject([{ state: "REJECTED", requestId: asked.request_id, reason: message, stationId: "" }]);
  expect(client.of("booking", "too-far")).toEqual([]);
});

test("a booking on which the database did not decide has failed, and its car is told so, once the database is back", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("unlucky");
  client.ask(asked);
  const { offers } = await client.hears("offers", "unlucky");
  await servers.postgres.kill();
  client.accept(asked, offers[0]);
  const refused = await client.hears("refusal", "unlucky");
  expect(refused).toMatchObject({ reason: RefusalReason.UNAVAILABLE, request_id: asked.request_id });
  await servers.postgres.restart();
  expect(await client.hears("booking", "unlucky")).toMatchObject({
    booking_id: offers[0]?.offer_id,
    request_id: asked.request_id,
    state: WireBookingState.FAILED,
  });
  expect(await findBooking(servers.database, offers[0]?.offer_id ?? "")).toMatchObject({ state: "FAILED" });
  client.ask(asked);
  const again = await client.hears("offers", "unlucky", 2);
  client.accept(asked, again.offers[0]);
  expect(await client.hears("booking", "unlucky", 2)).toMatchObject({ state: WireBookingState.RESERVED });
});
