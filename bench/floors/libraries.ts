/**
 * Floors: kafkajs, ioredis and pg as their manuals show them, given the same bytes as the services give them, with none
 * of GreenLane's code. Each kind of work goes on for some seconds, after a tenth of that to warm up.
 */
import { carKey, FLEET_LAST_SEEN_KEY, FLEET_LOCATIONS_KEY, type Telemetry } from "@greenlane/contracts";
import { Redis } from "ioredis";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import pg from "pg";
import { obeyParent } from "../steeredProcess.ts";
import { asRecord, FleetEvents } from "./events.ts";
import type { LibraryAnswer, LibraryOrder } from "./messages.ts";

type Order<Kind extends LibraryOrder["kind"]> = Extract<LibraryOrder, { kind: Kind }>;

const TOPIC = "bench-floor";
const PARTITIONS = 6;
const CARS = 1_000;
const WARM_SHARE = 0.1;
const CONNECTIONS = 2;

async function produce({ kind, brokers, perBatch, seconds }: Order<"produce">): Promise<LibraryAnswer> {
  const kafka = new Kafka({ clientId: "bench-floor", brokers: [brokers], logLevel: logLevel.ERROR });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const fleet = new FleetEvents("floor-", CARS);
  const headers = { "received-at-ms": `${Date.now()}`, instance: "bench" };
  const messages = Array.from({ length: perBatch }, () => ({ ...asRecord(fleet.next(Date.now())), headers }));
  const done = await measure(seconds, async () => {
    await producer.send({ topic: TOPIC, messages, acks: -1 });
    return perBatch;
  });
  await producer.disconnect();
  return { kind, ...done };
}

async function pipeline({ kind, url, cars, seconds }: Order<"pipeline">): Promise<LibraryAnswer> {
  const redis = new Redis(url);
  const fleet = new FleetEvents("floor-", cars);
  const reports = Array.from({ length: cars }, () => fleet.next(Date.now()));
  const done = await measure(seconds, async () => {
    const commands = redis.pipeline();
    for (const report of reports) {
      commands.hset(carKey(report.carId), hashOf(report));
      commands.zadd(`${FLEET_LAST_SEEN_KEY}:floor`, report.timestampMs, report.carId);
      commands.geoadd(`${FLEET_LOCATIONS_KEY}:floor`, report.longitude, report.latitude, report.carId);
    }
    await commands.exec();
    return cars;
  });
  const keys = reports.map(({ carId }) => carKey(carId));
  await redis.del(...keys, `${FLEET_LAST_SEEN_KEY}:floor`, `${FLEET_LOCATIONS_KEY}:floor`);
  await redis.quit();
  return { kind, ...done };
}

const hashOf = (report: Telemetry) => ({
  lat: report.latitude,
  lon: report.longitude,
  timestamp: report.timestampMs,
  battery: report.batteryPercent,
  velocity: report.velocityKmh,
  charging_station_id: report.chargingStationId,
  session_id: report.sessionId,
  energy_kwh: report.energyKwh,
  odometer_km: report.odometerKm,
});

const INSERT = `
INSERT INTO telemetry (time, car_id, latitude, longitude, battery_percent, velocity_kmh, station_id, session_id, energy_kwh, odometer_km)
SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::text[], $8::text[], $9::float8[], $10::float8[])
ON CONFLICT (car_id, time) DO NOTHING`;

async function insert({ kind, url, perBatch, seconds }: Order<"insert">): Promise<LibraryAnswer> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  const fleet = new FleetEvents(`floor-${process.pid}-`, CARS);
  const startedAtMs = Date.now();
  const insertOne = async () => {
    const rows = Array.from({ length: perBatch }, () => fleet.next(startedAtMs));
    await pool.query({
      name: "insert",
      text: INSERT,
      values: [
        rows.map((row) => new Date(row.timestampMs)),
        rows.map((row) => row.carId),
        rows.map((row) => row.latitude),
        rows.map((row) => row.longitude),
        rows.map((row) => row.batteryPercent),
        rows.map((row) => row.velocityKmh),
        rows.map((row) => row.chargingStationId || null),
        rows.map((row) => row.sessionId || null),
        rows.map((row) => (row.sessionId === "" ? null : row.energyKwh)),
        rows.map((row) => row.odometerKm),
      ],
    });
    return perBatch;
  };
  const done = await measure(seconds, async () => {
    const lanes = await Promise.all(Array.from({ length: CONNECTIONS }, insertOne));
    return lanes.reduce((sum, rows) => sum + rows, 0);
  });
  await pool.end();
  return { kind, ...done };
}

/** Does a work over and over for some seconds. @returns how much was done once it was warm, and what it cost */
async function measure(seconds: number, work: () => Promise<number>): Promise<Omit<LibraryAnswer, "kind">> {
  await workFor(seconds * WARM_SHARE, work);
  const cpuBefore = process.cpuUsage();
  const startedAtMs = performance.now();
  const done = await workFor(seconds, work);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { done, spanMs: performance.now() - startedAtMs, cpuMs: (user + system) / 1_000 };
}

async function workFor(seconds: number, work: () => Promise<number>): Promise<number> {
  const untilMs = performance.now() + seconds * 1_000;
  let done = 0;
  while (performance.now() < untilMs) done += await work();
  return done;
}

obeyParent((order: LibraryOrder): Promise<LibraryAnswer> => {
  switch (order.kind) {
    case "produce":
      return produce(order);
    case "pipeline":
      return pipeline(order);
    case "insert":
      return insert(order);
  }
});
