import { carKey } from "@greenlane/contracts";
import { openRedis, type Redis } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { findBooking } from "@greenlane/timescale";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { countOverlaps, slotDifferences, slotIds } from "./agreement.ts";
import { CarReports } from "./carReports.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

let servers: Servers;
let booking: BookingService;
let reports: CarReports;
let redis: Redis;

beforeAll(async () => {
  servers = await startServers(stationsInRow(2, 1));
  booking = await servers.booking({ OVERSTAY_GRACE_MS: "0", AUDIT_EVERY_MS: "200" });
  reports = await CarReports.open(servers);
  redis = await openRedis(servers.redis.url, silentLogger);
});
afterAll(async () => {
  redis.disconnect();
  await reports[Symbol.asyncDispose]();
  await booking.stop();
  await servers[Symbol.asyncDispose]();
});

/** A car reports, as ingestion would have it in the log and in Redis. */
async function report(carId: string, sessionId: string, stationId: string): Promise<void> {
  await reports.append(carId, sessionId === "" ? undefined : { sessionId, stationId });
  const state = { timestamp: Date.now(), battery: 60, velocity: 0 };
  await redis.hset(carKey(carId), { ...state, session_id: sessionId, charging_station_id: stationId });
}

test("while a car charges beyond its slot the next booking is moved elsewhere, and nobody is sold the connector", async () => {
  using client = new TestClient(booking.grpcPort);
  const only = { station_ids: ["station-1"], max_wait_minutes: 600 };
  const { booking_id, station_id, start } = await client.books(wish("stays", only));
  await report("stays", booking_id, station_id);
  await until("it charges", async () => (await findBooking(servers.database, booking_id))?.state === "FULFILLED");
  const next = await client.books(wish("next", only));
  expect(next.start).toBeGreaterThanOrEqual(start);
  // The time of both goes on until the first is over and the second has begun.
  await servers.database.query(
    `UPDATE bookings SET slot = tstzrange(lower(slot) - gone, upper(slot) - gone)
     FROM (SELECT lower(slot) - now() + interval '1 second' AS gone FROM bookings WHERE booking_id = $1) AS next`,
    [next.booking_id],
  );
  await report("stays", booking_id, station_id);
  const moved = await until("the next one is moved", async () => {
    const found = await findBooking(servers.database, next.booking_id);
    return found?.stationId === "station-2" && found;
  });
  expect(moved).toMatchObject({ state: "RESERVED", reason: expect.stringContaining("another car charges") });
  const stays = await until("the first keeps its connector", async () => {
    const found = await findBooking(servers.database, booking_id);
    return found !== undefined && found.endMs > Date.now() ? found : undefined;
  });
  await until("Redis has it as the database", async () => (await slotDifferences(servers)).length === 0);
  client.ask(wish("third", only));
  const { offers } = await client.hears("offers", "third");
  for (const offer of offers) expect(offer.start).toBeGreaterThanOrEqual(stays.endMs);
  expect(await countOverlaps(servers)).toBe(0);
  await report("stays", "", "");
  await until("its connector is free", async () => !(await slotIds(servers, station_id)).includes(booking_id));
});
