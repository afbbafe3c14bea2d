import { WireBookingState } from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { findBooking } from "@greenlane/timescale";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { CarReports } from "./carReports.ts";
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
