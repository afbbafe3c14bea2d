import { WireBookingState } from "@greenlane/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
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

test("a car that asks gets offers, the first of which holds its slot, and books one", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("car-1");
  client.ask(asked);
  const { offers } = await client.hears("offers", "car-1");
  expect(offers.length).toBeGreaterThan(1);
  expect(offers.map(({ holds }) => holds)).toEqual([true, ...offers.slice(1).map(() => false)]);
  const [first] = offers;
  client.say({ accept: { car_id: "car-1", request_id: asked.request_id ?? "", offer_id: first?.offer_id ?? "" } });
  const booked = await client.hears("booking", "car-1");
  expect(booked).toMatchObject({ booking_id: first?.offer_id, state: WireBookingState.RESERVED, price_per_kwh: first?.price_per_kwh });
});
