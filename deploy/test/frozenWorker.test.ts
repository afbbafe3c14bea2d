import { encodeTelemetry, GROUPS, type Telemetry, TOPICS } from "@greenlane/contracts";
import { createKafka, openLogWriter, openTopicAdmin } from "@greenlane/kafka";
import { freePort } from "@greenlane/local-servers";
import { silentLogger } from "@greenlane/runtime";
import { startKafka, startPostgres, startServiceProcess, until } from "@greenlane/testkit";
import { migrate, openDatabase, summariseFleet } from "@greenlane/timescale";
import pg from "pg";
import { expect, test } from "vitest";

function report(n: number): Telemetry {
  const place = { latitude: 40.7, longitude: -74, velocityKmh: 0, odometerKm: 1, batteryPercent: 50 };
  const session = { chargingStationId: "", sessionId: "", energyKwh: 0 };
  return { carId: "CAR-1", timestampMs: 1_700_000_000_000 + n, ...place, ...session };
}

test("a worker that was frozen until its group gave it up goes on by itself, and doubles nothing", async () => {
  await using cleanup = new AsyncDisposableStack();
  const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
  for (const server of [kafka, postgres]) cleanup.use(server);
  const kafkaConfig = { KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  const topics = cleanup.use(await openTopicAdmin(kafkaConfig, "test", silentLogger));
  await topics.ensureTopics();
  const groups = createKafka(kafkaConfig, "test", silentLogger).admin();
  await groups.connect();
  cleanup.defer(() => groups.disconnect());
  await migrate(postgres.url, silentLogger);
  const database = openDatabase(postgres.url, silentLogger);
  cleanup.defer(() => database.end());
  const writer = cleanup.use(await openLogWriter(kafkaConfig, "test", silentLogger));
  const append = (from: number, to: number) =>
    writer.append(
      TOPICS.fleetEvents,
      Array.from({ length: to - from }, (_, n) => ({ key: "CAR-1", value: encodeTelemetry(report(from + n)) })),
    );
  const rows = async () => (await summariseFleet(database, ["CAR-1"], 0)).rows;
  const workerPort = await freePort();
  const worker = cleanup.use(
    await startServiceProcess("pricing-worker", workerPort, {
      KAFKA_BROKERS: kafka.url,
      DATABASE_URL: postgres.url,
      ADMIN_PORT: `${workerPort}`,
    }),
  );

  // The worker has a batch in hand, is frozen with it, and wakes when its place in the group is gone.
  const holder = new pg.Client({ connectionString: postgres.url });
  await holder.connect();
  cleanup.defer(() => holder.end());
  await holder.query("BEGIN; LOCK TABLE telemetry IN SHARE MODE");
  await append(0, 100);
  await until("the worker waits for the table", async () => {
    const { rowCount } = await database.query("SELECT FROM pg_locks WHERE NOT granted");
    return rowCount !== 0;
  });
  worker.signal("SIGSTOP");
  await until("the group has given it up", async () => {
    const { groups: found } = await groups.describeGroups([GROUPS.pricingWorker]);
    return found[0]?.members.length === 0;
  });
  await holder.query("COMMIT");
  worker.signal("SIGCONT");

  await append(100, 200);
  await until("all is stored", async () => (await rows()) >= 200);
  await until("the offsets are committed", async () => {
    const lag = await topics.lag(GROUPS.pricingWorker, TOPICS.fleetEvents);
    return lag.every((partition) => partition.lag === 0);
  });
  expect(await rows()).toBe(200);
});
