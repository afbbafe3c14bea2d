import {
  API_TOKEN_METADATA,
  type CarStatus,
  DEVELOPMENT_API_TOKEN,
  loadFleetPackage,
  WireBookingState,
} from "@greenlane/contracts";
import { freePort } from "@greenlane/local-servers";
import { carState, openRedis, type Redis } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { startRedisCluster, startServiceProcess, type TestCluster, until } from "@greenlane/testkit";
import { credentials, Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { countOverlaps, slotDifferences, slotIds } from "./agreement.ts";
import { type Servers, startServersOn, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

const open = new AsyncDisposableStack();
let servers: Servers<TestCluster>;
let redis: Redis;
let matching: BookingService;
let asked: BookingService;
let ingestionPort: number;

beforeAll(async () => {
  servers = open.use(await startServersOn(startRedisCluster(), stationsInRow(6, 2)));
  redis = open.adopt(await openRedis(servers.redis.url, silentLogger), (client) => client.disconnect());
  [matching, asked] = [await servers.booking(), await servers.booking()];
  for (const booking of [matching, asked]) open.defer(() => booking.stop());
  const adminPort = await freePort();
  ingestionPort = await freePort();
  const ports = { GRPC_PORT: `${ingestionPort}`, ADMIN_PORT: `${adminPort}` };
  open.use(await startServiceProcess("ingestion", adminPort, { ...servers.env, ...ports }));
});
afterAll(() => open.disposeAsync());

/** A car's telemetry, by ingestion. */
function telemetryOf(carId: string) {
  const { FleetService } = loadFleetPackage();
  const client = new FleetService(`127.0.0.1:${ingestionPort}`, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set(API_TOKEN_METADATA, DEVELOPMENT_API_TOKEN);
  const stream = client.StreamTelemetry(metadata);
  stream.on("error", () => undefined); // it is canceled in the end
  stream.on("data", () => undefined);
  const place = { latitude: 40.7549, longitude: -73.984, battery_level: 20, velocity: 0 };
  return {
    send: (change: CarStatus = {}) => stream.write({ car_id: carId, timestamp: Date.now(), ...place, ...change }),
    [Symbol.dispose]: () => {
      stream.cancel();
      client.close();
    },
  };
}

async function flush(): Promise<void> {
  for (const { host, port } of servers.redis.nodes) {
    const node = await openRedis(`redis://${host}:${port}`, silentLogger);
    await node.flushall();
    node.disconnect();
  }
}

test("on a Redis Cluster a car's reports, its booking, its session and its end go as on one server", async () => {
  using telemetry = telemetryOf("traveller");
  telemetry.send();
  await until("its place is known", async () => (await carState(redis, "traveller"))?.latitude === 40.7549);
  using client = new TestClient(asked.grpcPort);
  const { booking_id, station_id } = await client.books(wish("traveller"));
  expect(await slotIds(servers, station_id)).toContain(booking_id);
  telemetry.send({ charging_station_id: station_id, session_id: booking_id, energy_kwh: 0.1 });
  expect(await client.hears("booking", "traveller", 2)).toMatchObject({ state: WireBookingState.FULFILLED });
  telemetry.send();
  await until("its slot is free", async () => !(await slotIds(servers, station_id)).includes(booking_id));
});

/** How often a process has matched by itself. */
async function matches({ adminPort }: BookingService): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  return Number(/^booking_match_seconds_count\S* (\d+)$/m.exec(metrics)?.[1]);
}

test("on a Redis Cluster what one process is asked is matched by the one that matches for all", async () => {
  using client = new TestClient(asked.grpcPort);
  const before = await matches(matching);
  let cars = 0;
  await until("the other has matched", async () => {
    const carId = `given-${++cars}`;
    client.ask(wish(carId));
    await client.hears("offers", carId);
    return (await matches(matching)) > before;
  });
});

test("on a Redis Cluster no slot is sold twice after a flush", async () => {
  using here = new TestClient(asked.grpcPort);
  using there = new TestClient(matching.grpcPort);
  const cars = Array.from({ length: 16 }, (_, n) => ({ client: n % 2 === 0 ? here : there, carId: `herd-${n}` }));
  const half = cars.length / 2;
  await Promise.all(cars.slice(0, half).map(({ client, carId }) => client.books(wish(carId))));
  await flush();
  await Promise.all(cars.slice(half).map(({ client, carId }) => client.books(wish(carId))));
  expect(await countOverlaps(servers)).toBe(0);
  expect(await slotDifferences(servers)).toEqual([]);
});
