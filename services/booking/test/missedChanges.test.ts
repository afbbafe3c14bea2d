import { type Booking__Output, ConnectorStatus, type Station__Output, WireBookingState } from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { findBooking } from "@greenlane/timescale";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

let servers: Servers;
let booking: BookingService;
let operator: TestClient;

beforeAll(async () => {
  servers = await startServers(stationsInRow(3, 1));
  booking = await servers.booking();
  operator = new TestClient(booking.grpcPort);
});
afterAll(async () => {
  operator[Symbol.dispose]();
  await booking.stop();
  await servers[Symbol.asyncDispose]();
});

const presence = (car_id: string) => ({ presence: { car_id, capacity_kwh: 62, idle: false } });

/** A car books and leaves. */
async function booksAndLeaves(carId: string, more = {}): Promise<Booking__Output> {
  using client = new TestClient(booking.grpcPort);
  return await client.books(wish(carId, more));
}

test("a car whose booking was canceled while it was away is told so when it comes back", async () => {
  const { booking_id } = await booksAndLeaves("canceled");
  await operator.call<object, Booking__Output>(operator.service.CancelBooking, { booking_id, reason: "road works" });
  using client = new TestClient(booking.grpcPort);
  client.say(presence("canceled"));
  // It may hear first that it was booked, when that comes late from the log.
  const lastWord = () => client.of("booking", "canceled").at(-1);
  await until("it hears of the cancellation", () => lastWord()?.state === WireBookingState.CANCELED);
  expect(lastWord()).toMatchObject({ booking_id, message: "road works" });
});

test("a car whose booking was moved while it was away is told where to when it comes back, to whichever process", async () => {
  const before = await booksAndLeaves("moved", { station_ids: ["station-1"] });
  await operator.call<object, Station__Output>(operator.service.SetStationStatus, {
    station_id: "station-1",
    status: ConnectorStatus.OUT_OF_ORDER,
  });
  await until("it is moved", async () => (await findBooking(servers.database, before.booking_id))?.version === 2);
  const other = await servers.booking();
  using client = new TestClient(other.grpcPort);
  client.say(presence("moved"));
  const told = await client.hears("booking", "moved");
  expect(told).toMatchObject({ booking_id: before.booking_id, state: WireBookingState.RESERVED, version: 2 });
  expect(told.station_id).not.toBe("station-1");
  await other.stop();
});

test("a car that made another booking since is told nothing of the one before", async () => {
  const { booking_id } = await booksAndLeaves("again");
  await operator.call<object, Booking__Output>(operator.service.CancelBooking, { booking_id });
  await booksAndLeaves("again");
  const { booking_id: witness } = await booksAndLeaves("witness");
  await operator.call<object, Booking__Output>(operator.service.CancelBooking, { booking_id: witness });
  using client = new TestClient(booking.grpcPort);
  for (const carId of ["again", "witness"]) client.say(presence(carId));
  await client.hears("booking", "witness");
  expect(client.of("booking", "again")).toEqual([]);
});
