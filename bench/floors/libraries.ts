/**
 * Floors: kafkajs, ioredis and pg as their manuals show them, given the same bytes as the services give them, with none
 * of GreenLane's code. Each kind of work goes on for some seconds, after a tenth of that to warm up.
 */
import { carKey, FLEET_LAST_SEEN_KEY, FLEET_LOCATIONS_KEY, type Telemetry } from "@greenlane/contracts";
import { Redis } from "ioredis";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import pg from "pg";
import { Latencies } from "../load/latencies.ts";
import { obeyParent } from "../steeredProcess.ts";
import { asRecord, FleetEvents } from "./events.ts";
import type { LibraryAnswer, LibraryOrder } from "./messages.ts";

type Order<Kind extends LibraryOrder["kind"]> = Extract<LibraryOrder, { kind: Kind }>;

const TOPIC = "bench-floor";
const PARTITIONS = 6;
const CARS = 1_000;
const WARM_SHARE = 0.1;
/** Of a backlog: records a request, every which record comes again, and how far apart a car's reports are. */
const BACKLOG = { perBatch: 2_000, again: 100, everyMs: 1_000 };

async function produce({ kind, brokers, perBatch, seconds }: Order<"produce">): Promise<LibraryAnswer> {
  const kafka = new Kafka({ clientId: "bench-floor", brokers: [brokers], logLevel: logLevel.ERROR });
  const admin = kafka.admin();
  await admin.connect();
  if (!(await admin.listTopics()).includes(TOPIC))
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

async function insert({ kind, url, perBatch, connections, seconds }: Order<"insert">): Promise<LibraryAnswer> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
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
    const lanes = await Promise.all(Array.from({ length: connections }, insertOne));
    return lanes.reduce((sum, rows) => sum + rows, 0);
  });
  await pool.end();
  return { kind, ...done };
}

async function backlog({ kind, brokers, topic, carPrefix, cars, records }: Order<"backlog">): Promise<LibraryAnswer> {
  const kafka = new Kafka({ clientId: "bench-backlog", brokers: [brokers], logLevel: logLevel.ERROR });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const fleet = new FleetEvents(carPrefix, cars);
  const firstMs = Date.now() - Math.ceil(records / cars) * BACKLOG.everyMs;
  const headers = { "received-at-ms": `${Date.now()}`, instance: "bench" };
  let events = 0;
  let last = { key: "", value: "" };
  for (let sent = 0; sent < records; ) {
    const messages = [];
    for (; messages.length < BACKLOG.perBatch && sent < records; sent++) {
      const isAgain = sent % BACKLOG.again === BACKLOG.again - 1;
      if (!isAgain) last = asRecord(fleet.next(firstMs + Math.floor(events++ / cars) * BACKLOG.everyMs));
      messages.push({ ...last, headers });
    }
    await producer.send({ topic, messages, acks: -1 });
  }
  await producer.disconnect();
  return { kind, done: events, doneInAll: events, spanMs: 0, cpuMs: 0, latencies: [] };
}

/** Does a work over and over for some seconds. @returns how much was done once it was warm, and what it cost */
async function measure(seconds: number, work: () => Promise<number>): Promise<Omit<LibraryAnswer, "kind">> {
  const warm = await workFor(seconds * WARM_SHARE, work, new Latencies());
  const latencies = new Latencies();
  const cpuBefore = process.cpuUsage();
  const startedAtMs = performance.now();
  const done = await workFor(seconds, work, latencies);
  const { user, system } = process.cpuUsage(cpuBefore);
  const spanMs = performance.now() - startedAtMs;
  return { done, doneInAll: warm + done, spanMs, cpuMs: (user + system) / 1_000, latencies: latencies.counts() };
}

async function workFor(seconds: number, work: () => Promise<number>, latencies: Latencies): Promise<number> {
  const untilMs = performance.now() + seconds * 1_000;
  let done = 0;
  for (let atMs = performance.now(); atMs < untilMs; atMs = performance.now()) {
    done += await work();
    latencies.record((performance.now() - atMs) * 1_000);
  }
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
    case "backlog":
      return backlog(order);
  }
});
