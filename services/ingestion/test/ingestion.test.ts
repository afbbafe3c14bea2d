import { randomUUID } from "node:crypto";
import {
  API_TOKEN_METADATA,
  type BookingResponse__Output,
  BookingStatus,
  type CarStatus,
  DEVELOPMENT_API_TOKEN,
  loadFleetPackage,
  TOPICS,
} from "@greenlane/contracts";
import { createKafka, openTopicAdmin } from "@greenlane/kafka";
import { carState, openRedis } from "@greenlane/redis";
import { createMetrics, silentLogger, systemClock } from "@greenlane/runtime";
import { startKafka, startRedis, type TestServer, until } from "@greenlane/testkit";
import { type ClientDuplexStream, credentials, Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ingestion, startIngestion } from "../src/app.ts";
import { readConfig } from "../src/config.ts";

let kafka: TestServer;
let redis: TestServer;
let ingestion: Ingestion;
const kafkaConfig = () => ({ KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 2_000 });

async function start(env: Record<string, string> = {}): Promise<Ingestion> {
  const servers = { KAFKA_BROKERS: kafka.url, REDIS_URL: redis.url, KAFKA_REQUEST_TIMEOUT_MS: "2000" };
  const config = readConfig({ ...servers, GRPC_PORT: "0", ADMIN_PORT: "0", LISTEN_HOST: "127.0.0.1", ...env });
  return startIngestion(config, { logger: silentLogger, metrics: createMetrics("test"), clock: systemClock });
}

beforeAll(async () => {
  [kafka, redis] = await Promise.all([startKafka(), startRedis()]);
  ingestion = await start();
});
afterAll(async () => {
  await ingestion.stop();
  await kafka[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

/** A car as a client of the contract sees it. */
class Car {
  readonly id: string;
  readonly answers: BookingResponse__Output[] = [];
  readonly call: ClientDuplexStream<CarStatus, BookingResponse__Output>;
  ended: { code: number; details: string } | undefined;

  constructor(port = ingestion.grpcPort, token = DEVELOPMENT_API_TOKEN) {
    this.id = `car-${randomUUID()}`;
    const metadata = new Metadata();
    metadata.set(API_TOKEN_METADATA, token);
    const client = new (loadFleetPackage().FleetService)(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
    this.call = client.StreamTelemetry(metadata);
    this.call.on("data", (answer: BookingResponse__Output) => this.answers.push(answer));
    this.call.on("error", () => undefined);
    this.call.on("status", ({ code, details }) => {
      this.ended = { code, details };
      client.close();
    });
  }

  send(timestamp: number, change: CarStatus = {}): void {
    const place = { latitude: 40.7, longitude: -74, battery_level: 50, velocity: 30 };
    this.call.write({ car_id: this.id, timestamp, ...place, ...change });
  }

  answered = (count: number) => until(`${count} answers came`, () => this.answers.length >= count);
  over = () => until("the stream ended", () => this.ended);
}

/** Every event time of a car that the log holds, in order. */
async function timesInLog(carId: string): Promise<number[]> {
  await using admin = await openTopicAdmin(kafkaConfig(), "test", silentLogger);
  const ends = new Map(
    (await admin.offsets(TOPICS.fleetEvents))
      .filter(({ low, high }) => high > low)
      .map(({ partition, high }) => [partition, high]),
  );
  const groupId = randomUUID();
  const consumer = createKafka(kafkaConfig(), groupId, silentLogger).consumer({ groupId });
  const times: number[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPICS.fleetEvents], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      if (message.key?.toString() === carId)
        times.push((JSON.parse(`${message.value}`) as { timestamp: number }).timestamp);
      if (Number(message.offset) + 1 >= (ends.get(partition) ?? 0)) ends.delete(partition);
    },
  });
  await until("the log is read", () => ends.size === 0);
  await consumer.disconnect();
  return times;
}

test("each good report gets one ack, in order, after which it is in the log and on the map; half-close ends with OK", async () => {
  const car = new Car();
  const nowMs = Date.now();
  const times = Array.from({ length: 300 }, (_, n) => nowMs + n);
  for (const time of times) car.send(time);
  car.call.end();
  expect((await car.over()).code).toBe(status.OK);
  expect(car.answers.map((answer) => answer.timestamp)).toEqual(times);
  expect(new Set(car.answers.map((answer) => `${answer.status} ${answer.message}`))).toEqual(
    new Set(["0 Telemetry received"]),
  );
  expect(await timesInLog(car.id)).toEqual(times);
  const client = await openRedis(redis.url, silentLogger);
  await until(
    "the map has the newest report",
    async () => (await carState(client, car.id))?.timestampMs === times.at(-1),
  );
  client.disconnect();
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
  const car = new Car();
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
  car.call.end();
  await car.over();
});

test("a wrong token is told UNAUTHENTICATED; during a rotation both tokens are good", async () => {
  const wrong = new Car(ingestion.grpcPort, "guess");
  wrong.send(Date.now());
  expect((await wrong.over()).code).toBe(status.UNAUTHENTICATED);
  const rotating = await start({ API_TOKENS: "old,new" });
  for (const token of ["old", "new"]) {
    const car = new Car(rotating.grpcPort, token);
    car.send(Date.now());
    await car.answered(1);
    car.call.end();
    await car.over();
  }
  await rotating.stop();
});

test("production refuses the token that everybody knows", () => {
  expect(() => readConfig({ NODE_ENV: "production" })).toThrow("API_TOKENS");
});

test("a message over the size limit ends its stream, and no other", async () => {
  const big = new Car();
  const other = new Car();
  big.send(Date.now(), { car_id: "x".repeat(100_000) });
  expect((await big.over()).code).toBe(status.RESOURCE_EXHAUSTED);
  other.send(Date.now());
  await other.answered(1);
  other.call.end();
  await other.over();
});

test("a silent stream is ended after the idle time", async () => {
  const strict = await start({ STREAM_IDLE_MS: "300" });
  const car = new Car(strict.grpcPort);
  car.send(Date.now());
  expect((await car.over()).code).toBe(status.DEADLINE_EXCEEDED);
  await strict.stop();
});

test("a stop acks what is in flight and tells cars to come back", async () => {
  const stopping = await start();
  const car = new Car(stopping.grpcPort);
  car.send(Date.now());
  await car.answered(1);
  await stopping.stop();
  expect((await car.over()).code).toBe(status.UNAVAILABLE);
});

test("telemetry flows while Redis is away", async () => {
  await redis.kill();
  const car = new Car();
  car.send(Date.now());
  await car.answered(1);
  await redis.restart();
  const client = await openRedis(redis.url, silentLogger);
  await until("the position returns", async () => carState(client, car.id).catch(() => undefined));
  client.disconnect();
  car.call.end();
  await car.over();
});

test("while Kafka is paused nothing is acked; the car is told UNAVAILABLE, resends, and all it was told is in the log", async () => {
  const car = new Car();
  const nowMs = Date.now();
  car.send(nowMs);
  await car.answered(1);
  kafka.pause();
  car.send(nowMs + 1);
  const ended = await car.over().finally(() => kafka.resume());
  expect(car.answers).toHaveLength(1);
  expect(ended.code).toBe(status.UNAVAILABLE);
  expect(ended.details).toContain("resend");
  const again = await until("a new stream is acked", async () => {
    const next = new Car();
    next.send(nowMs + 1, { car_id: car.id });
    await until("it is answered or ended", () => next.answers.length > 0 || next.ended);
    next.call.end();
    return next.answers.length > 0 ? next : undefined;
  });
  expect(again.answers[0]?.message).toBe("Telemetry received");
  expect(new Set(await timesInLog(car.id))).toEqual(new Set([nowMs, nowMs + 1]));
});
