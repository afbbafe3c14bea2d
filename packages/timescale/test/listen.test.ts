import { silentLogger } from "@greenlane/runtime";
import { startCuttableProxy, until } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  cancelBookings,
  confirmBookings,
  type Database,
  listen,
  setConnectorStatus,
  upsertStations,
} from "../src/index.ts";
import { type BookingDatabase, startBookingDatabase, wanted } from "./bookingDatabase.ts";

let open: BookingDatabase;
let database: Database;
beforeAll(async () => {
  open = await startBookingDatabase();
  database = open.database;
});
afterAll(() => open[Symbol.asyncDispose]());

/** Listens to a channel. */
function listenTo(channel: string, url = open.server.url, logger = silentLogger) {
  let told = 0;
  const listener = listen(url, [channel], () => told++, logger);
  const isTold = (times: number) => until(`it is told ${times} times`, () => told >= times);
  return { told: () => told, isTold, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

const station = (...connectorIds: string[]) => ({
  stationId: "L",
  name: "L",
  latitude: 40.7,
  longitude: -74,
  connectors: connectorIds.map((id) => ({ connectorId: id, powerKw: 50, type: "CCS", status: "available" as const })),
});

test("who listens is told of stations that change, and not of what is said again", async () => {
  await upsertStations(database, [station("1")]);
  await using listener = listenTo("stations_changed");
  await listener.isTold(1);
  await upsertStations(database, [station("1")]);
  await setConnectorStatus(database, "L", "1", "available");
  await setConnectorStatus(database, "L", "1", "out-of-order");
  await listener.isTold(2);
  await upsertStations(database, [station("1", "2")]);
  await listener.isTold(3);
  expect(listener.told()).toBe(3);
});

test("who listens is told of bookings that change, once a statement, and not of attempts that changed none", async () => {
  await using listener = listenTo("booking_outbox");
  await listener.isTold(1);
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30]), wanted("B", "S1/2", [0, 30])]);
  await listener.isTold(2);
  await confirmBookings(database, [wanted("C", "S1/1", [0, 30])]);
  await cancelBookings(database, [{ bookingId: "b-C" }], "");
  await cancelBookings(database, [{ bookingId: "b-A" }, { bookingId: "b-B" }], "");
  await listener.isTold(3);
  expect(listener.told()).toBe(3);
});

test("who listens is told to look again when the database was away", async () => {
  await using listener = listenTo("stations_changed");
  await listener.isTold(1);
  await open.server.kill();
  await open.server.restart();
  await listener.isTold(2);
});

test("who listens notices that nothing comes through any more, and is told to look again when it does", async () => {
  const proxy = await startCuttableProxy(open.server.port);
  const url = new URL(open.server.url);
  url.port = `${proxy.port}`;
  const logger = silentLogger.child({});
  const warned = vi.spyOn(logger, "warn");
  await using listener = listenTo("stations_changed", url.href, logger);
  await listener.isTold(1);
  proxy.block();
  await listener.isTold(2);
  expect(warned).toHaveBeenCalledOnce();
  proxy.close();
});
