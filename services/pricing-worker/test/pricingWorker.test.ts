import { randomUUID } from "node:crypto";
import { encodeTelemetry, GROUPS, type Telemetry, TOPICS } from "@greenlane/contracts";
import { createKafka, openLogWriter, openTopicAdmin } from "@greenlane/kafka";
import { createMetrics, silentLogger, systemClock } from "@greenlane/runtime";
import { startKafka, startPostgres, type TestServer, until } from "@greenlane/testkit";
import { type Database, openDatabase, recentPrices, recentSessions, summariseFleet } from "@greenlane/timescale";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type PricingWorker, startPricingWorker } from "../src/app.ts";
import { readConfig } from "../src/config.ts";

const QUARTER_MS = 15 * 60_000;
let kafka: TestServer;
let postgres: TestServer;
let database: Database;
let grid: FastifyInstance;
let gridIsOut = false;
let gridRequests = 0;
const workers: PricingWorker[] = [];

/** A grid whose price tells its quarter of an hour, so that a wrong one shows. */
const priceAt = (atMs: number) => 0.1 + (Math.floor(atMs / QUARTER_MS) % 10) / 100;

const kafkaConfig = () => ({ KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 5_000 });

async function startWorker(): Promise<PricingWorker> {
  const servers = { KAFKA_BROKERS: kafka.url, DATABASE_URL: postgres.url, GRID_URL: grid.listeningOrigin };
  const config = readConfig({ ...servers, ADMIN_PORT: "0", LISTEN_HOST: "127.0.0.1", GRID_TIMEOUT_MS: "500" });
  const worker = await startPricingWorker(config, {
    logger: silentLogger,
    metrics: createMetrics("test"),
    clock: systemClock,
  });
  workers.push(worker);
  return worker;
}

beforeAll(async () => {
  [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
  grid = Fastify();
  grid.get<{ Querystring: { at: string } }>("/api/pricing", async (request, reply) => {
    gridRequests++;
    if (gridIsOut) return reply.code(503).send({});
    const timestamp = Number(request.query.at);
    const valid_from = Math.floor(timestamp / QUARTER_MS) * QUARTER_MS;
    const kind = { grid_load: "Low", energy_source: "Wind", hour: 2 };
    return { timestamp, price_per_kwh: priceAt(timestamp), ...kind, valid_from, valid_until: valid_from + QUARTER_MS };
  });
  await grid.listen({ host: "127.0.0.1", port: 0 });
  database = openDatabase(postgres.url, silentLogger);
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
});
afterAll(async () => {
  await database.end();
  await grid.close();
  await kafka[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

function reading(carId: string, timestampMs: number, energyKwh: number): Telemetry {
  const charging =
    energyKwh > 0
      ? { chargingStationId: "S1", sessionId: `${carId}-1`, energyKwh }
      : { chargingStationId: "", sessionId: "", energyKwh: 0 };
  return {
    carId,
    timestampMs,
    latitude: 40.7,
    longitude: -74,
    batteryPercent: 50,
    velocityKmh: 0,
    odometerKm: 1,
    ...charging,
  };
}

async function append(values: { key: string; value: string | Buffer }[]): Promise<void> {
  await using writer = await openLogWriter(kafkaConfig(), "test", silentLogger);
  await writer.append(TOPICS.fleetEvents, values);
}
const appendReadings = (readings: Telemetry[]) =>
  append(readings.map((t) => ({ key: t.carId, value: encodeTelemetry(t) })));
const rowsOf = async (carId: string) => (await summariseFleet(database, [carId], 0)).rows;
const stored = (carId: string, rows: number) =>
  until(`${rows} rows of ${carId} are stored`, async () => (await rowsOf(carId)) === rows);

async function lag(): Promise<number> {
  await using admin = await openTopicAdmin(kafkaConfig(), "test", silentLogger);
  return (await admin.lag(GROUPS.pricingWorker, TOPICS.fleetEvents)).reduce((sum, partition) => sum + partition.lag, 0);
}

/** The dead letters of a key, once `count` are there and the worker has gone on. */
async function deadLetters(key: string, count: number): Promise<{ value: Buffer | null; reason: string }[]> {
  const groupId = randomUUID();
  const consumer = createKafka(kafkaConfig(), groupId, silentLogger).consumer({ groupId });
  const letters: { value: Buffer | null; reason: string }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPICS.fleetEventsDeadLetter], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      if (message.key?.toString() === key) letters.push({ value: message.value, reason: `${message.headers?.reason}` });
    },
  });
  await until(`${count} dead letters are there`, () => letters.length >= count);
  await consumer.disconnect();
  return letters;
}

test("every event is a row, sent twice or not, and each interval has the price of its own time, asked for once", async () => {
  await startWorker();
  const carId = randomUUID();
  const startMs = Math.floor(Date.now() / QUARTER_MS) * QUARTER_MS - 2 * QUARTER_MS;
  const readings = Array.from({ length: 40 }, (_, n) => reading(carId, startMs + n * 60_000, (n + 1) / 10));
  gridRequests = 0;
  await appendReadings([...readings, ...readings]);
  await stored(carId, 40);
  await until("the offsets are committed", async () => (await lag()) === 0);
  const [session] = await recentSessions(database, { carId, limit: 1 });
  expect(session?.kwh).toBeCloseTo(4, 9);
  expect(session?.cost).toBeCloseTo(
    readings.reduce((sum, t) => sum + 0.1 * priceAt(t.timestampMs), 0),
    9,
  );
  expect(gridRequests).toBe(3);
  expect((await recentPrices(database, 10)).length).toBeGreaterThanOrEqual(3);
});

test("what cannot be read goes to the dead-letter topic as it was, with its reason, and the partition moves on", async () => {
  await startWorker();
  const carId = randomUUID();
  const bytes = Buffer.from([0xff, 0x00, 0xfe]);
  await append([
    { key: carId, value: bytes },
    { key: carId, value: JSON.stringify({ event_type: "telemetry", car_id: carId, lat: 95 }) },
    { key: carId, value: JSON.stringify({ event_type: "weather", sun: true }) },
    { key: carId, value: encodeTelemetry(reading(carId, Date.now(), 0)) },
  ]);
  await stored(carId, 1);
  const letters = await deadLetters(carId, 2);
  expect(letters).toHaveLength(2);
  expect(letters[0]?.value).toEqual(bytes);
  expect(letters[0]?.reason).toContain("not JSON");
});

test("an event that the database refuses is put aside alone, its neighbours are stored", async () => {
  await startWorker();
  const [good, refused] = [randomUUID(), randomUUID()];
  await database.query(`ALTER TABLE telemetry ADD CONSTRAINT refused CHECK (car_id <> '${refused}') NOT VALID`);
  const readings = Array.from({ length: 100 }, (_, n) => reading(n === 37 ? refused : good, 1_700_000_000_000 + n, 0));
  await append(readings.map((t) => ({ key: good, value: encodeTelemetry(t) })));
  await stored(good, 99);
  await until("the offsets are committed", async () => (await lag()) === 0);
  const letters = await deadLetters(good, 1);
  expect(letters.map(({ reason }) => reason)).toEqual([expect.stringContaining("the database refuses it")]);
  await database.query("ALTER TABLE telemetry DROP CONSTRAINT refused");
});

test("a dead letter is written once, though its batch waited for the database", async () => {
  await startWorker();
  const carId = randomUUID();
  await postgres.kill();
  await append([
    { key: carId, value: "not json" },
    { key: carId, value: encodeTelemetry(reading(carId, Date.now(), 0)) },
  ]);
  await postgres.restart();
  await stored(carId, 1);
  await until("the offsets are committed", async () => (await lag()) === 0);
  expect(await deadLetters(carId, 1)).toHaveLength(1);
});

test("while the grid is out nothing is priced; when it is back all is, rightly", async () => {
  await startWorker();
  const carId = randomUUID();
  const atMs = Date.now() - 20 * QUARTER_MS;
  gridIsOut = true;
  gridRequests = 0;
  await appendReadings([reading(carId, atMs, 2)]);
  await until("the grid was asked in vain", () => gridRequests > 0);
  expect(await rowsOf(carId)).toBe(0);
  gridIsOut = false;
  await stored(carId, 1);
  const [session] = await recentSessions(database, { carId, limit: 1 });
  expect(session?.cost).toBeCloseTo(2 * priceAt(atMs), 9);
});

test("a worker waits while the database is stopped, and goes on without a restart", async () => {
  await startWorker();
  const carId = randomUUID();
  await postgres.kill();
  await appendReadings(Array.from({ length: 50 }, (_, n) => reading(carId, Date.now() + n, 0)));
  await postgres.restart();
  await stored(carId, 50);
});

test("two workers share the log, and when one leaves the other takes all: nothing lost, nothing doubled", async () => {
  const first = await startWorker();
  await startWorker();
  const cars = Array.from({ length: 20 }, () => randomUUID());
  const burst = (fromMs: number) =>
    appendReadings(
      cars.flatMap((carId) =>
        Array.from({ length: 25 }, (_, n) => reading(carId, fromMs + n, (fromMs % 1000) + n + 1)),
      ),
    );
  await burst(1_700_000_000_000);
  workers.splice(workers.indexOf(first), 1);
  await first.stop();
  await burst(1_700_000_000_100);
  await until("all rows are stored", async () => (await summariseFleet(database, cars, 0)).rows === 20 * 50);
  const summary = await summariseFleet(database, cars, 0);
  expect(summary.kwh).toBeCloseTo(20 * 125, 6);
});
