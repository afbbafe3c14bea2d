import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TOPICS } from "@greenlane/contracts";
import { openTopicAdmin } from "@greenlane/kafka";
import { freePort } from "@greenlane/local-servers";
import { silentLogger } from "@greenlane/runtime";
import { startKafka, startPostgres, startProgram, startRedis, startServiceProcess, until } from "@greenlane/testkit";
import { closeDatabase, migrate, openDatabase, summariseFleet } from "@greenlane/timescale";
import { expect, test } from "vitest";
import { countInLog } from "../demo/logReader.ts";

interface Summary {
  sent: number;
  acked: number;
  reconnects: number;
  car_ids: string[];
}

test("a fleet that speaks through gateways is stored once, though ingestion is killed and what was not acked is sent again", async () => {
  await using cleanup = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "greenlane-gateway-"));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [redis, kafka, postgres] = await Promise.all([startRedis(), startKafka(), startPostgres()]);
  for (const server of [redis, kafka, postgres]) cleanup.use(server);
  const kafkaConfig = { KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  const admin = cleanup.use(await openTopicAdmin(kafkaConfig, "gateway-test", silentLogger));
  await admin.ensureTopics();
  const from = await admin.offsets(TOPICS.fleetEvents);
  await migrate(postgres.url, silentLogger);
  const database = openDatabase(postgres.url, silentLogger);
  cleanup.defer(() => closeDatabase(database));
  const servers = { KAFKA_BROKERS: kafka.url, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
  const started = async (name: string, port: number, env: Record<string, string>) =>
    cleanup.use(await startServiceProcess(name, port, { ...servers, ...env }));
  const [gridPort, grpcPort, ingestionPort, workerPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  await started("mock-grid", gridPort, { PORT: `${gridPort}` });
  const startIngestion = () =>
    started("ingestion", ingestionPort, { GRPC_PORT: `${grpcPort}`, ADMIN_PORT: `${ingestionPort}` });
  const ingestion = await startIngestion();
  await started("pricing-worker", workerPort, {
    ADMIN_PORT: `${workerPort}`,
    GRID_URL: `http://127.0.0.1:${gridPort}`,
  });
  const rows = async () =>
    (await database.query<{ n: number }>("SELECT count(*)::int AS n FROM telemetry")).rows[0]?.n ?? 0;

  const summaryFile = join(folder, "summary.json");
  const ways = ["--target", `127.0.0.1:${grpcPort}`, "--gateway", "--connections", "3", "--no-negotiate"];
  const fleet = ["--cars", "60", "--rate", "10", ...ways, "--summary-json", summaryFile];
  const simulator = cleanup.use(startProgram(["simulator/src/main.ts", ...fleet], {}));
  await until("rows arrive", async () => (await rows()) > 200);
  await ingestion.end("SIGKILL");
  await startIngestion();
  const rowsAtRestart = await rows();
  await until("rows arrive again", async () => (await rows()) > rowsAtRestart + 500);
  expect(await simulator.end("SIGTERM")).toBe(0);

  const { sent, acked, reconnects, car_ids }: Summary = JSON.parse(readFileSync(summaryFile, "utf8"));
  expect(reconnects).toBeGreaterThan(0);
  expect(acked).toBe(sent);
  expect((await countInLog(kafkaConfig, from, new Set(car_ids), 0)).distinct).toBe(sent);
  await until("all is stored", async () => (await rows()) >= sent);
  expect((await summariseFleet(database, car_ids, 0)).rows).toBe(sent);
});
