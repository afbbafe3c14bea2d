import { CounterWish, RefusalReason, WireBookingState } from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { findBookingOfRequest, listBookings } from "@greenlane/timescale";
import { type ServiceError, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { slotIds } from "./agreement.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

let servers: Servers;
let booking: BookingService;

beforeAll(async () => {
  servers = await startServers(stationsInRow(3, 2));
  booking = await servers.booking();
});
afterAll(async () => {
  await booking.stop();
  await servers[Symbol.asyncDispose]();
});

test("a car that asks gets offers, the first of which holds its slot, and books one at the price that was said", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("asks");
  client.ask(asked);
  const { offers } = await client.hears("offers", "asks");
  expect(offers.length).toBeGreaterThan(1);
  expect(offers.map(({ holds }) => holds)).toEqual([true, ...offers.slice(1).map(() => false)]);
  const [first] = offers;
  client.accept(asked, first);
  expect(await client.hears("booking", "asks")).toMatchObject({
    booking_id: first?.offer_id,
    state: WireBookingState.RESERVED,
    price_per_kwh: first?.price_per_kwh,
    start: first?.start,
  });
  expect(await findBookingOfRequest(servers.database, "asks", `${asked.request_id}`)).toMatchObject({
    state: "RESERVED",
  });
});

test("a booking of an offer that held nothing gives back the slot that was held", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("chooses");
  client.ask(asked);
  const { offers } = await client.hears("offers", "chooses");
  const [held, other] = offers;
  client.accept(asked, other);
  expect(await client.hears("booking", "chooses")).toMatchObject({ booking_id: other?.offer_id });
  await until(
    "the hold is free",
    async () => !(await slotIds(servers, held?.station_id ?? "")).includes(held?.offer_id ?? ""),
  );
});

test("of a request's offers one becomes a booking, however many are accepted", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("greedy");
  client.ask(asked);
  const { offers } = await client.hears("offers", "greedy");
  for (const offer of offers) client.accept(asked, offer);
  await client.hears("booking", "greedy");
  client.accept(asked, offers[1]);
  await client.hears("booking", "greedy", 2);
  const bookings = await listBookings(servers.database, { carId: "greedy", limit: 10 });
  expect(bookings.map(({ bookingId }) => bookingId)).toEqual([offers[0]?.offer_id]);
});

test("the same request gets the same answer, on another process too; with other content it is refused", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("repeats");
  client.ask(asked);
  const first = await client.hears("offers", "repeats");
  client.ask(asked);
  expect(await client.hears("offers", "repeats", 2)).toEqual(first);
  client.ask({ ...asked, target_level: 90 });
  expect(await client.hears("refusal", "repeats")).toMatchObject({ reason: RefusalReason.CONFLICT });
  client.accept(asked, first.offers[0]);
  const booked = await client.hears("booking", "repeats");
  client.ask(asked);
  expect(await client.hears("booking", "repeats", 2)).toEqual(booked);

  const other = await servers.booking();
  using elsewhere = new TestClient(other.grpcPort);
  elsewhere.ask(asked);
  expect(await elsewhere.hears("booking", "repeats")).toMatchObject({ booking_id: booked.booking_id });
  elsewhere.ask({ ...asked, target_level: 90 });
  expect(await elsewhere.hears("refusal", "repeats")).toMatchObject({ reason: RefusalReason.CONFLICT });
  await other.stop();
});

test("a car that has a booking gets no second one, and is told which it has", async () => {
  using client = new TestClient(booking.grpcPort);
  const { booking_id } = await client.books(wish("settled"));
  client.ask(wish("settled"));
  expect(await client.hears("refusal", "settled")).toMatchObject({ reason: RefusalReason.CONFLICT, booking_id });
});

test("a request that breaks a rule is refused with the field's name, and the stream lives on", async () => {
  using client = new TestClient(booking.grpcPort);
  client.ask(wish("wrong", { latitude: 91 }));
  expect(await client.hears("refusal", "wrong")).toMatchObject({ reason: RefusalReason.INVALID, field: "latitude" });
  client.say({});
  client.ask(wish("wrong"));
  await client.hears("offers", "wrong");
});

test("a car that reaches no connector is told so", async () => {
  using client = new TestClient(booking.grpcPort);
  client.ask(wish("far", { latitude: 50 }));
  expect(await client.hears("refusal", "far")).toMatchObject({
    reason: RefusalReason.NO_OPTION,
    message: expect.stringContaining("reach"),
  });
});

test("a declined slot is free again", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("declines");
  client.ask(asked);
  const { offers } = await client.hears("offers", "declines");
  const { offer_id = "", station_id = "" } = offers[0] ?? {};
  expect(await slotIds(servers, station_id)).toContain(offer_id);
  client.say({ decline: { car_id: "declines", request_id: asked.request_id ?? "" } });
  await until("it is free", async () => !(await slotIds(servers, station_id)).includes(offer_id));
});

test("a car may counter a bounded number of times, and gets what it asks for where there is such a thing", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("haggles");
  const counter = (wanted: CounterWish) =>
    client.say({ counter: { car_id: "haggles", request_id: asked.request_id ?? "", wish: wanted } });
  client.ask(asked);
  const first = await client.hears("offers", "haggles");
  counter(CounterWish.LESS_ENERGY);
  const less = await client.hears("offers", "haggles", 2);
  expect(less.offers[0]?.kwh).toBeLessThan(first.offers[0]?.kwh ?? 0);
  counter(CounterWish.CHEAPER);
  const cheaper = await client.hears("offers", "haggles", 3);
  expect(cheaper.message).toContain("nothing like that");
  counter(CounterWish.SOONER);
  expect((await client.hears("offers", "haggles", 4)).rounds_left).toBe(0);
  counter(CounterWish.SOONER);
  await client.hears("refusal", "haggles");
});

test("a client without a good token is not heard", async () => {
  using client = new TestClient(booking.grpcPort, "wrong");
  await until("it is turned away", () => client.ended);
});

test("a client that has said all hears all that comes of it, then the stream ends", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("one-shot");
  client.ask(asked);
  const { offers } = await client.hears("offers", "one-shot");
  client.accept(asked, offers[0]);
  client.end();
  await client.hears("booking", "one-shot");
  await until("it ends", () => client.ended);
});

test("a process that is stopped decides what was accepted, and tells its clients to come back", async () => {
  const stopped = await servers.booking();
  using client = new TestClient(stopped.grpcPort);
  const asked = wish("last");
  client.ask(asked);
  const { offers } = await client.hears("offers", "last");
  client.accept(asked, offers[0]);
  await client.call<object, unknown>(client.service.GetBooking, { booking_id: "none" }).catch(() => undefined); // it is there
  await stopped.stop();
  expect(client.of("booking", "last")).toMatchObject([{ state: WireBookingState.RESERVED }]);
  await until("it is told", () => client.ended);
});

test("past its bound the engine says when to come back, and not the same to all", async () => {
  const small = await servers.booking({ MAX_NEGOTIATIONS: "1" });
  using client = new TestClient(small.grpcPort);
  client.ask(wish("first-in"));
  await client.hears("offers", "first-in");
  const refused = ["o-1", "o-2", "o-3", "o-4"];
  for (const carId of refused) client.ask(wish(carId));
  const refusals = await Promise.all(refused.map((carId) => client.hears("refusal", carId)));
  expect(refusals.map(({ reason }) => reason)).toEqual(refused.map(() => RefusalReason.OVERLOADED));
  expect(new Set(refusals.map(({ retry_after_ms }) => retry_after_ms)).size).toBeGreaterThan(1);
  const call = client.call<object, unknown>(client.service.RequestBooking, { car_id: "o-5", station_id: "station-1" });
  const { code, metadata } = (await call.catch((error: ServiceError) => error as ServiceError)) as ServiceError;
  expect(code).toBe(status.RESOURCE_EXHAUSTED);
  expect(Number(metadata.get("retry-after-ms")[0])).toBeGreaterThan(0);
  await small.stop();
});
