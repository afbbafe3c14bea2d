import {
  type BookingEvent,
  type ConnectivityEvent,
  carKey,
  encodeTelemetry,
  FLEET_LAST_SEEN_KEY,
  FLEET_LOCATIONS_KEY,
  GROUPS,
  HEADERS,
  type Telemetry,
  TOPIC_SPECS,
  TOPICS,
} from "@greenlane/contracts";
import { createKafka } from "@greenlane/kafka";
import { openRedis } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { startKafka, startPostgres, startRedis, type TestServer } from "@greenlane/testkit";
import {
  type Database,
  migrate,
  openDatabase,
  storeGridPrice,
  telemetryStore,
  upsertStations,
} from "@greenlane/timescale";
import { at } from "./seedDay.ts";
import { BOOKING_EVENTS, BOOKINGS } from "./seededBookings.ts";

export interface SeededServers extends AsyncDisposable {
  kafka: TestServer;
  redis: TestServer;
  postgres: TestServer;
  /** What leads a program to them. */
  env: Record<string, string>;
}

function report(carId: string, ms: number, latitude: number, longitude: number, rest: Partial<Telemetry>): Telemetry {
  const state = { batteryPercent: 60, velocityKmh: 30, odometerKm: 1_200.5 };
  const charging = { chargingStationId: "", sessionId: "", energyKwh: 0 };
  return { carId, timestampMs: at(20, 15, 30, ms), latitude, longitude, ...state, ...charging, ...rest };
}

/** What the seeded fleet reported, in order. */
export const REPORTS: Telemetry[] = [
  report("CAR-001", 2_000, 40.7234, -73.9876, { batteryPercent: 85.3, velocityKmh: 45.2 }),
  report("CAR-003", 2_010, 40.7123, -73.9987, { batteryPercent: 12.1, velocityKmh: 8.3 }),
  report("CAR-002", 2_020, 40.7306, -73.9866, { batteryPercent: 50, velocityKmh: 0 }),
  report("CAR-004", 2_030, 40.758, -73.9855, { batteryPercent: 49.96, velocityKmh: 101.7 }),
  report("CAR-005", 2_040, 40.6892, -74.0445, { batteryPercent: 19.9, velocityKmh: 22 }),
  report("TAXI-LONG-NAME-17", 2_050, 40.7484, -73.9857, { batteryPercent: 100, velocityKmh: 7.25 }),
  report("CAR-POLE", 2_060, 89.9, 179.99, { batteryPercent: 15, velocityKmh: 0 }),
  report("CAR-001", 3_000, 40.724, -73.987, { batteryPercent: 85.2, velocityKmh: 44 }),
  report("CAR-003", 3_010, 40.712, -73.999, {
    ...{ batteryPercent: 12.4, velocityKmh: 0 },
    ...{ chargingStationId: "S-12", sessionId: "CAR-003-1", energyKwh: 0.25 },
  }),
  report("CAR-002", 3_020, 40.7307, -73.9867, { batteryPercent: 49.9, velocityKmh: 12 }),
  report("CAR-003", 4_010, 40.712, -73.999, {
    ...{ batteryPercent: 12.9, velocityKmh: 0 },
    ...{ chargingStationId: "S-12", sessionId: "CAR-003-1", energyKwh: 0.5 },
  }),
  report("CAR-005", 4_040, 40.6893, -74.0446, {
    ...{ batteryPercent: 20.1, velocityKmh: 0 },
    ...{ chargingStationId: "S-7", sessionId: "CAR-005-1", energyKwh: 1.5 },
  }),
];

const came = (car_id: string, instance: string, timestamp: number): ConnectivityEvent => ({
  event_type: "car_connected",
  ...{ car_id, timestamp, reason: "first report", instance },
});
const went = (car_id: string, instance: string, timestamp: number, reason: string): ConnectivityEvent => ({
  event_type: "car_disconnected",
  ...{ car_id, timestamp, reason, instance },
});

const CONNECTIVITY: ConnectivityEvent[] = [
  ...["CAR-001", "CAR-002", "CAR-003", "CAR-004"].map((car) => came(car, "local-1", at(20, 15, 0))),
  went("CAR-002", "local-1", at(20, 15, 34), "half-close"),
  // Lost its way, came back, and only then was missed.
  came("CAR-003", "local-1", at(20, 15, 20)),
  went("CAR-003", "local-1", at(20, 15, 25), "broken"),
  went("CAR-004", "local-1", at(20, 15, 35), "cancelled"),
];

async function seedKafka(brokers: string): Promise<void> {
  const config = { KAFKA_BROKERS: [brokers], KAFKA_REQUEST_TIMEOUT_MS: 5_000 };
  const kafka = createKafka(config, "test", silentLogger);
  const admin = kafka.admin();
  await admin.connect();
  // Two partitions each, however many they have in the field.
  const topics = TOPIC_SPECS.map(({ name }) => ({ topic: name, numPartitions: 2 }));
  await admin.createTopics({ topics, waitForLeaders: true });
  const producer = kafka.producer({ allowAutoTopicCreation: false, idempotent: true });
  await producer.connect();
  const headers = { [HEADERS.receivedAtMs]: `${at(20, 15, 32)}`, [HEADERS.instance]: "local-1" };
  const events = REPORTS.map((t) => ({
    ...{ key: t.carId, value: encodeTelemetry(t), headers },
    timestamp: `${t.timestampMs}`,
  }));
  // Two that are no telemetry: an event of another kind, and what nobody can read.
  events.push({ key: "CAR-001", value: '{"event_type":"heartbeat"}', headers, timestamp: `${at(20, 15, 36)}` });
  events.push({ key: "CAR-001", value: "{not json", headers, timestamp: `${at(20, 15, 37)}` });
  const connectivity = CONNECTIVITY.map((event) => ({
    ...{ key: event.car_id, value: JSON.stringify(event), timestamp: `${event.timestamp}` },
  }));
  const asRecord = (event: BookingEvent) => ({
    ...{ key: event.car_id, value: JSON.stringify(event), timestamp: `${event.timestamp}` },
  });
  const strange = [
    { key: null, value: Buffer.from([0, 1, 2, 0xff, 0x41, 0x5c]), timestamp: `${at(20, 16, 0)}` },
    { key: "CAR\u001b[2J\u202e", value: '{"id":"\\u009b31m","big":12345678901234567}', timestamp: `${at(20, 16, 1)}` },
    { key: Buffer.from([0xfe]), value: null, timestamp: `${at(20, 16, 2)}` },
    {
      key: "text",
      value: "two\nlines",
      headers: { reason: ["not JSON", Buffer.from([7])] },
      timestamp: `${at(20, 16, 3)}`,
    },
  ];
  await producer.sendBatch({
    topicMessages: [
      { topic: TOPICS.fleetEvents, messages: events },
      { topic: TOPICS.fleetConnectivity, messages: connectivity },
      { topic: TOPICS.bookingEvents, messages: BOOKING_EVENTS.map(asRecord) },
      { topic: TOPICS.fleetEventsDeadLetter, messages: strange.map((message) => ({ ...message, partition: 0 })) },
    ],
  });
  await producer.disconnect();
  const places = await admin.fetchTopicOffsets(TOPICS.fleetEvents);
  const partitions = places.map(({ partition, high }) => ({ partition, offset: `${Math.max(0, Number(high) - 1)}` }));
  await admin.setOffsets({ groupId: GROUPS.pricingWorker, topic: TOPICS.fleetEvents, partitions });
  await admin.disconnect();
}

async function seedRedis(url: string): Promise<void> {
  const redis = await openRedis(url, silentLogger);
  for (const t of REPORTS) {
    await redis.zadd(FLEET_LAST_SEEN_KEY, t.timestampMs, t.carId);
    await redis.hset(carKey(t.carId), {
      ...{ lat: t.latitude, lon: t.longitude, timestamp: t.timestampMs, battery: t.batteryPercent },
      ...{ velocity: t.velocityKmh, charging_station_id: t.chargingStationId, session_id: t.sessionId },
      ...{ energy_kwh: t.energyKwh, odometer_km: t.odometerKm },
    });
    if (t.latitude < 85) await redis.geoadd(FLEET_LOCATIONS_KEY, t.longitude, t.latitude, t.carId);
  }
  // Another writer, which keeps to the first contract, and with an id that is out to harm a terminal.
  const evil = "EVIL\u001b[2J\u202e";
  await redis.geoadd(FLEET_LOCATIONS_KEY, -73.99, 40.72, evil);
  await redis.zadd(FLEET_LAST_SEEN_KEY, at(20, 15, 31), evil);
  await redis.hset(carKey(evil), { battery: "33.3", velocity: "9", timestamp: `${at(20, 15, 31)}` });
  redis.disconnect();
}

async function seedDatabase(url: string): Promise<void> {
  await migrate(url, silentLogger);
  const database = openDatabase(url, silentLogger);
  await telemetryStore(database)(REPORTS.map((telemetry) => ({ telemetry, pricePerKwh: 0.31 })));
  for (const [quarter, price_per_kwh] of [0.2894, 0.31, 0.3275].entries()) {
    const valid_from = at(20, 15 * quarter, 0);
    const rest = { grid_load: "High", energy_source: "Grid", hour: 20, timestamp: valid_from } as const;
    await storeGridPrice(database, { valid_from, valid_until: valid_from + 900_000, price_per_kwh, ...rest });
  }
  await upsertStations(
    database,
    ["S-7", "S-12"].map((stationId) => ({
      ...{ stationId, name: `Station ${stationId}`, latitude: 40.72, longitude: -73.99 },
      connectors: ["1", "2"].map((connectorId) => ({
        ...{ connectorId, powerKw: 50, type: "CCS", status: "available" as const },
      })),
    })),
  );
  await insertBookings(database);
  await database.end();
}

/** Bookings as they stood at the end of that day: past the triggers, which would have them change today. */
async function insertBookings(database: Database): Promise<void> {
  const session = await database.connect();
  await session.query("SET session_replication_role = replica");
  for (const booking of BOOKINGS) await session.query(INSERT_BOOKING, [JSON.stringify(booking)]);
  await session.query("SET session_replication_role = origin");
  session.release();
}

const INSERT_BOOKING = `
INSERT INTO bookings (booking_id, request_id, car_id, station_id, connector_id, slot, state, kwh, price_per_kwh, reason,
  request, request_digest, created_at, updated_at, checked_in_at, version)
SELECT b->>'bookingId', b->>'requestId', b->>'carId', b->>'stationId', b->>'connectorId',
  CASE WHEN b ? 'startMs' THEN tstzrange(to_timestamp((b->>'startMs')::float8 / 1000), to_timestamp((b->>'endMs')::float8 / 1000)) END,
  b->>'state', (b->>'kwh')::float8, (b->>'pricePerKwh')::float8, b->>'reason', b->'request', '',
  to_timestamp((b->>'createdAtMs')::float8 / 1000), to_timestamp((b->>'updatedAtMs')::float8 / 1000),
  to_timestamp((b->>'checkedInAtMs')::float8 / 1000), (b->>'version')::int
FROM (SELECT $1::jsonb AS b) AS given`;

/** Servers that hold a small fleet's evening. */
export async function startSeededServers(): Promise<SeededServers> {
  await using opening = new AsyncDisposableStack();
  const opened = async (starting: Promise<TestServer>) => opening.use(await starting);
  const [kafka, redis, postgres] = await Promise.all([
    opened(startKafka()),
    opened(startRedis()),
    opened(startPostgres()),
  ]);
  await Promise.all([seedKafka(kafka.url), seedRedis(redis.url), seedDatabase(postgres.url)]);
  const started = opening.move();
  return {
    ...{ kafka, redis, postgres },
    env: { KAFKA_BROKERS: kafka.url, REDIS_URL: redis.url, DATABASE_URL: postgres.url },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
