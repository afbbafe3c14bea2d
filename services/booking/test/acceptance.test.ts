import { WireBookingState } from "@greenlane/contracts";
import { openRedis, type Redis, stationSlots } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

let servers: Servers;
let booking: BookingService;
let redis: Redis;

beforeAll(async () => {
  servers = await startServers(stationsInRow(1, 1));
  booking = await servers.booking({ HOLD_MS: "1000" });
  redis = await openRedis(servers.redis.url, silentLogger);
});
afterAll(async () => {
  redis.disconnect();
  await booking.stop();
  await servers[Symbol.asyncDispose]();
});

/** Has the database write no booking, though it can be read, until what it returns is disposed. */
async function holdUpBookings(): Promise<AsyncDisposable> {
  const session = await servers.database.connect();
  await session.query("BEGIN");
  await session.query("SET LOCAL idle_in_transaction_session_timeout = 0");
  await session.query("LOCK TABLE bookings IN EXCLUSIVE MODE");
  return {
    [Symbol.asyncDispose]: async () => {
      await session.query("COMMIT");
      session.release();
    },
  };
}

/** Until when a hold stands, by Redis's clock, Unix ms; undefined where there is none. */
async function heldUntilMs(stationId: string, offerId: string): Promise<number | undefined> {
  const [slots = []] = await stationSlots(redis).read([stationId]);
  return slots.find(({ id }) => id === offerId)?.heldUntilMs;
}

test("a slot whose offer was accepted stays held for as long as the database takes to decide, and nobody else is offered it", async () => {
  using client = new TestClient(booking.grpcPort);
  const asked = wish("patient");
  client.ask(asked);
  const { offers } = await client.hears("offers", "patient");
  const { offer_id = "", station_id = "", end = 0, expires = 0 } = offers[0] ?? {};
  {
    await using _heldUp = await holdUpBookings();
    client.accept(asked, offers[0]);
    await until("its hold would be over", () => Date.now() > expires + 500);
    expect(await heldUntilMs(station_id, offer_id)).toBeGreaterThan(expires + 500);
    client.ask(wish("other"));
    const others = await client.hears("offers", "other");
    for (const { start } of others.offers) expect(start).toBeGreaterThanOrEqual(end);
  }
  expect(await client.hears("booking", "patient")).toMatchObject({
    booking_id: offer_id,
    state: WireBookingState.RESERVED,
  });
});
