import { carState, openRedis } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ingestion } from "../src/app.ts";
import { metric, type Servers, startServers, timesInLog } from "./startedIngestion.ts";
import { TestCar } from "./testCar.ts";

let servers: Servers;
let ingestion: Ingestion;

beforeAll(async () => {
  servers = await startServers();
  ingestion = await servers.ingestion();
});
afterAll(async () => {
  await ingestion.stop();
  await servers[Symbol.asyncDispose]();
});

test("while Redis is away telemetry flows and positions are said to be stale; they return when it is back", async () => {
  await servers.redis.kill();
  const car = new TestCar(ingestion.grpcPort);
  car.send(Date.now());
  await car.answered(1);
  await until("it is said", async () => (await metric(ingestion, "redis_positions_stale")) === 1);
  await servers.redis.restart();
  const redis = await openRedis(servers.redis.url, silentLogger);
  await until("the position returns", () => carState(redis, car.id));
  await until("they are fresh", async () => (await metric(ingestion, "redis_positions_stale")) === 0);
  redis.disconnect();
  await car.leave();
});

test("while Kafka is paused nothing is acked; the car is told UNAVAILABLE, resends, and all it was told is in the log", async () => {
  const car = new TestCar(ingestion.grpcPort);
  const nowMs = Date.now();
  car.send(nowMs);
  await car.answered(1);
  servers.kafka.pause();
  car.send(nowMs + 1);
  await until("it says that it is not ready", () => !ingestion.readiness().ready);
  const ended = await car.over().finally(() => servers.kafka.resume());
  expect(car.answers).toHaveLength(1);
  expect(ended.code).toBe(status.UNAVAILABLE);
  expect(ended.details).toContain("resend");
  const again = await until("a new stream is acked", async () => {
    const next = new TestCar(ingestion.grpcPort, { id: car.id });
    next.send(nowMs + 1);
    await until("it is answered or ended", () => next.answers.length > 0 || next.ended);
    next.call.end();
    return next.answers.length > 0 ? next : undefined;
  });
  expect(again.answers[0]?.message).toBe("Telemetry received");
  expect(new Set(await timesInLog(servers, car.id))).toEqual(new Set([nowMs, nowMs + 1]));
});

test("a stop while Kafka is paused is clean: the car is told to send again what was not acked", async () => {
  const stopping = await servers.ingestion();
  const car = new TestCar(stopping.grpcPort);
  car.send(Date.now());
  await car.answered(1);
  servers.kafka.pause();
  car.send(Date.now());
  await stopping.stop().finally(() => servers.kafka.resume());
  const ended = await car.over();
  expect(ended.code).toBe(status.UNAVAILABLE);
  expect(ended.details).toContain("resend");
  expect(car.answers).toHaveLength(1);
});

test("while Kafka is paused a bounded number of events waits, and the streams are paused", async () => {
  const bound = 1_000;
  const small = await servers.ingestion({
    MAX_WAITING_EVENTS: `${bound}`,
    BATCHES_IN_FLIGHT: "1",
    BATCH_MAX_EVENTS: "10",
  });
  const cars = Array.from({ length: 20 }, () => new TestCar(small.grpcPort));
  servers.kafka.pause();
  const nowMs = Date.now();
  for (const car of cars) for (let n = 0; n < 200; n++) car.send(nowMs + n);
  const waiting = () => metric(small, "ingestion_events_waiting");
  const highest = await until("the streams are paused", async () => {
    const [before, accepted] = [await waiting(), await metric(small, "ingestion_events_accepted_total")];
    return before >= bound / 2 && accepted < 4_000 && (await waiting()) === before && before;
  }).finally(() => servers.kafka.resume());
  expect(highest).toBeLessThanOrEqual(bound);
  await until("every car is acked or told", () => cars.every((car) => car.answers.length === 200 || car.ended));
  await small.stop();
});
