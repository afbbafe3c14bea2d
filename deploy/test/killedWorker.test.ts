import { encodeTelemetry, GROUPS, type Telemetry, TOPICS } from "@greenlane/contracts";
import { openLogWriter, openTopicAdmin } from "@greenlane/kafka";
import { freePort } from "@greenlane/local-servers";
import { silentLogger } from "@greenlane/runtime";
import { startKafka, startPostgres, startServiceProcess, until } from "@greenlane/testkit";
import { migrate, openDatabase, summariseFleet } from "@greenlane/timescale";
import pg from "pg";
import { expect, test } from "vitest";

const READINGS = 200;

function reading(n: number): Telemetry {
  const place = { latitude: 40.7, longitude: -74, velocityKmh: 0, odometerKm: 1, batteryPercent: 50 };
  const session = { chargingStationId: "S1", sessionId: "CAR-1-1", energyKwh: (n + 1) / 100 };
  return { carId: "CAR-1", timestampMs: 1_700_000_000_000 + n * 1_000, ...place, ...session };
}

test("a worker killed after its rows were committed and before its offsets were: the next one doubles nothing", async () => {
  await using cleanup = new AsyncDisposableStack();
  const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
  for (const server of [kafka, postgres]) cleanup.use(server);
  const kafkaConfig = { KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  const admin = cleanup.use(await openTopicAdmin(kafkaConfig, "test", silentLogger));
  await admin.ensureTopics();
  await migrate(postgres.url, silentLogger);
  const database = openDatabase(postgres.url, silentLogger);
  cleanup.defer(() => database.end());
  const [gridPort, workerPort] = [await freePort(), await freePort()];
  cleanup.use(await startServiceProcess("mock-grid", gridPort, { PORT: `${gridPort}` }));
  const startWorker = async () =>
    cleanup.use(
      await startServiceProcess("pricing-worker", workerPort, {
        KAFKA_BROKERS: kafka.url,
        DATABASE_URL: postgres.url,
        ADMIN_PORT: `${workerPort}`,
        GRID_URL: `http://127.0.0.1:${gridPort}`,
      }),
    );
  const rows = async () => (await summariseFleet(database, ["CAR-1"], 0)).rows;
  const lag = async () =>
    (await admin.lag(GROUPS.pricingWorker, TOPICS.fleetEvents)).reduce((sum, partition) => sum + partition.lag, 0);

  const worker = await startWorker();
  // The test holds the table until the worker has the events in hand, and ends the broker before it lets the table go:
  // so the rows are committed, and the offsets cannot be.
  const holder = new pg.Client({ connectionString: postgres.url });
  await holder.connect();
  cleanup.defer(() => holder.end());
  await holder.query("BEGIN; LOCK TABLE telemetry IN SHARE MODE");
  {
    await using writer = await openLogWriter(kafkaConfig, "test", silentLogger);
    const records = Array.from({ length: READINGS }, (_, n) => ({ key: "CAR-1", value: encodeTelemetry(reading(n)) }));
    await writer.append(TOPICS.fleetEvents, records);
  }
  await until("the worker waits for the table", async () => {
    const { rowCount } = await database.query("SELECT FROM pg_locks WHERE NOT granted");
    return rowCount !== 0;
  });
  await kafka.kill();
  await holder.query("COMMIT");
  await until("the rows are committed", async () => (await rows()) > 0);
  await worker.end("SIGKILL");
  await kafka.restart();
  // A broker that was just started finds its groups a moment later.
  const told = await until("the broker knows the group", () => lag().catch(() => undefined));
  expect(told).toBe(READINGS);

  await startWorker();
  await until("the next worker has taken all", async () => (await lag().catch(() => undefined)) === 0);
  const summary = await summariseFleet(database, ["CAR-1"], 0);
  expect(summary.rows).toBe(READINGS);
  expect(summary.kwh).toBeCloseTo(READINGS / 100, 9);
});
