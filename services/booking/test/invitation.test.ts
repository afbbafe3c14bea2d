import { carKey, FLEET_LOCATIONS_KEY, WireBookingState } from "@greenlane/contracts";
import { openRedis } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient } from "./testClient.ts";

let servers: Servers;
let booking: BookingService;

beforeAll(async () => {
  servers = await startServers(stationsInRow(1, 1));
  booking = await servers.booking({ INVITE_EVERY_MS: "100" });
});
afterAll(async () => {
  await booking.stop();
  await servers[Symbol.asyncDispose]();
});

/** A car reported itself beside the station, as ingestion would have it in Redis. */
async function isBesideTheStation(carId: string, battery: number): Promise<void> {
  const redis = await openRedis(servers.redis.url, silentLogger);
  const [lat, lon] = [40.755, -73.984];
  await redis.geoadd(FLEET_LOCATIONS_KEY, lon, lat, carId);
  await redis.hset(carKey(carId), { battery, velocity: 0, timestamp: Date.now(), lat, lon });
  redis.disconnect();
}

test("a free connector calls the idle car that needs it most, and keeps the slot for it", async () => {
  await isBesideTheStation("full", 75);
  await isBesideTheStation("empty", 15);
  using client = new TestClient(booking.grpcPort);
  for (const car_id of ["full", "empty"]) {
    client.say({ presence: { car_id, capacity_kwh: 62, consumption_kwh_per_km: 0.2, idle: true } });
  }
  const invitation = await client.hears("offers", "empty");
  expect(invitation).toMatchObject({ invitation: true, offers: [{ holds: true, station_id: "station-1" }] });
  expect(invitation.message).toContain("15 %");
  expect(invitation.message).toContain("10 % below the grid's price");
  const [offer] = invitation.offers;
  expect(offer?.grid_price_per_kwh).toBeCloseTo(servers.grid.pricePerKwh, 9);
  expect(offer?.price_per_kwh).toBeCloseTo(0.9 * servers.grid.pricePerKwh, 9);
  client.accept({ car_id: "empty", request_id: invitation.request_id }, invitation.offers[0]);
  expect(await client.hears("booking", "empty")).toMatchObject({ state: WireBookingState.RESERVED });
  expect(client.of("offers", "full")).toEqual([]);
});
