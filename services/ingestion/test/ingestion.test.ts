import { BookingStatus, type CarStatus, TOPICS } from "@greenlane/contracts";
import { carState, openRedis } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { startCuttableProxy, until } from "@greenlane/testkit";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ingestion } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { metric, type Servers, startServers, timesInLog } from "./startedIngestion.ts";
import { TestCar } from "./testCar.ts";

let servers: Servers;
let ingestion: Ingestion;

beforeAll(async () => {
  servers = await startServers();
  ingestion = await servers.ingestion({ INSTANCE_ID: "edge-1" });
});
afterAll(async () => {
  await ingestion.stop();
  await servers[Symbol.asyncDispose]();
});

test("each good report gets one ack, in order, after which it is in the log and on the map; half-close ends with OK", async () => {
  const car = new TestCar(ingestion.grpcPort);
  const nowMs = Date.now();
  const times = Array.from({ length: 300 }, (_, n) => nowMs + n);
  for (const time of times) car.send(time);
  car.call.end();
  expect((await car.over()).code).toBe(status.OK);
  expect(car.answers.map((answer) => answer.timestamp)).toEqual(times);
  expect(new Set(car.answers.map((answer) => `${answer.status} ${answer.message}`))).toEqual(
    new Set(["0 Telemetry received"]),
  );
  expect(await timesInLog(servers, car.id)).toEqual(times);
  const redis = await openRedis(servers.redis.url, silentLogger);
  await until(
    "the map has the newest report",
    async () => (await carState(redis, car.id))?.timestampMs === times.at(-1),
  );
  redis.disconnect();
});

test("a record carries the time of receipt and the instance that received it", async () => {
  const car = new TestCar(ingestion.grpcPort);
  const sentAtMs = Date.now();
  car.send(sentAtMs - 5_000);
  await car.answered(1);
  await car.leave();
  const [record] = await servers.recordsOf(TOPICS.fleetEvents, car.id);
  expect(record?.headers.instance).toBe("edge-1");
  expect(Number(record?.headers["received-at-ms"])).toBeGreaterThanOrEqual(sentAtMs);
  expect(Number(record?.headers["received-at-ms"])).toBeLessThanOrEqual(Date.now());
});

test("a car's coming and going are events, with the reason and the instance", async () => {
  const polite = new TestCar(ingestion.grpcPort);
  polite.send(Date.now());
  await polite.answered(1);
  await polite.leave();
  const proxy = await startCuttableProxy(ingestion.grpcPort);
  const vanishing = new TestCar(proxy.port);
  vanishing.send(Date.now());
  await vanishing.answered(1);
  proxy.close();
  const events = async (car: TestCar) =>
    (await servers.recordsOf(TOPICS.fleetConnectivity, car.id)).map(
      ({ value }) => `${value.event_type} ${value.reason} ${value.instance}`,
    );
  await until(
    "both are gone",
    async () => (await events(polite)).length === 2 && (await events(vanishing)).length === 2,
  );
  expect(await events(polite)).toEqual(["car_connected first report edge-1", "car_disconnected half-close edge-1"]);
  expect(await events(vanishing)).toEqual(["car_connected first report edge-1", "car_disconnected cancelled edge-1"]);
});

test("each car of a stream that speaks for several comes with its first report and goes with the stream", async () => {
  const depot = new TestCar(ingestion.grpcPort);
  const second = `${depot.id}/2`;
  for (const [n, car_id] of [depot.id, second, depot.id, second].entries()) depot.send(Date.now() + n, { car_id });
  await depot.answered(4);
  await depot.leave();
  const events = await until("it is gone", async () => {
    const records = await servers.recordsOf(TOPICS.fleetConnectivity, second);
    return records.length === 2 && records.map(({ value }) => value.event_type);
  });
  expect(events).toEqual(["car_connected", "car_disconnected"]);
});

test("a car near the pole is accepted, left off the map and counted", async () => {
  const car = new TestCar(ingestion.grpcPort);
  car.send(Date.now(), { latitude: 88 });
  await car.answered(1);
  expect(car.answers[0]?.message).toBe("Telemetry received");
  await until("it is counted", async () => (await metric(ingestion, "redis_positions_off_map_total")) === 1);
  await car.leave();
});

test.each([
  ["car_id", { car_id: "" }],
  ["car_id", { car_id: "x".repeat(129) }],
  ["car_id", { car_id: "a\u0007b" }],
  ["latitude", { latitude: 90.1 }],
  ["longitude", { longitude: Number.NaN }],
  ["battery_level", { battery_level: -1 }],
  ["velocity", { velocity: Number.POSITIVE_INFINITY }],
  ["timestamp", { timestamp: 1 }],
  ["timestamp", { timestamp: Date.now() + 3_600_000 }],
  ["energy_kwh", { energy_kwh: -1 }],
] as [string, CarStatus][])("a bad %s is refused by name (%o), and the stream lives on", async (field, change) => {
  const car = new TestCar(ingestion.grpcPort);
  const nowMs = Date.now();
  car.send(nowMs);
  car.send(nowMs + 1, change);
  car.send(nowMs + 2);
  await car.answered(3);
  expect(car.answers.map((answer) => answer.status)).toEqual([
    BookingStatus.BOOKING_UNKNOWN,
    BookingStatus.BOOKING_FAILED,
    BookingStatus.BOOKING_UNKNOWN,
  ]);
  expect(car.answers[1]?.message).toContain(field);
  expect(await metric(ingestion, "ingestion_events_rejected_total", `field="${field}"`)).toBeGreaterThan(0);
  await car.leave();
});

test("a wrong token is told UNAUTHENTICATED; during a rotation both tokens are good", async () => {
  const wrong = new TestCar(ingestion.grpcPort, { token: "guess" });
  wrong.send(Date.now());
  expect((await wrong.over()).code).toBe(status.UNAUTHENTICATED);
  const rotating = await servers.ingestion({ API_TOKENS: "old,new" });
  for (const token of ["old", "new"]) {
    const car = new TestCar(rotating.grpcPort, { token });
    car.send(Date.now());
    await car.answered(1);
    await car.leave();
  }
  await rotating.stop();
});

test("production refuses the token that everybody knows", () => {
  expect(() => readConfig({ NODE_ENV: "production" })).toThrow("API_TOKENS");
});

test("a stop acks what is in flight and tells cars to come back", async () => {
  const stopping = await servers.ingestion();
  const car = new TestCar(stopping.grpcPort);
  car.send(Date.now());
  await car.answered(1);
  await stopping.stop();
  expect((await car.over()).code).toBe(status.UNAVAILABLE);
});
