import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TOPICS } from "@greenlane/contracts";
import { openTopicAdmin } from "@greenlane/kafka";
import { freePort } from "@greenlane/local-servers";
import { silentLogger } from "@greenlane/runtime";
import {
  type RunningProgram,
  startKafka,
  startPostgres,
  startProgram,
  startRedis,
  startServiceProcess,
  until,
} from "@greenlane/testkit";
import { openDatabase, summariseFleet } from "@greenlane/timescale";
import { expect, test } from "vitest";
import { countInLog } from "../demo/logReader.ts";

interface Summary {
  sent: number;
  acked: number;
  car_ids: string[];
}

test("with ingestion and the worker killed under load, what the fleet sent is acked, in the log and stored once", async () => {
  await using cleanup = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "greenlane-thread-"));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [redis, kafka, postgres] = await Promise.all([startRedis(), startKafka(), startPostgres()]);
  for (const server of [redis, kafka, postgres]) cleanup.use(server);
  const kafkaConfig = { KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  const admin = cleanup.use(await openTopicAdmin(kafkaConfig, "thread-test", silentLogger));
  await admin.ensureTopics();
  const from = await admin.offsets(TOPICS.fleetEvents);
  const [gridPort, grpcPort, ingestionPort, workerPort, fleetPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const servers = { KAFKA_BROKERS: kafka.url, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
  const started = async (name: string, port: number, env: Record<string, string>): Promise<RunningProgram> =>
    cleanup.use(await startServiceProcess(name, port, { ...servers, ...env }));
  const startIngestion = () =>
    started("ingestion", ingestionPort, { GRPC_PORT: `${grpcPort}`, ADMIN_PORT: `${ingestionPort}` });
  const startWorker = () =>
    started("pricing-worker", workerPort, { ADMIN_PORT: `${workerPort}`, GRID_URL: `http://127.0.0.1:${gridPort}` });
  const grid = await started("mock-grid", gridPort, { PORT: `${gridPort}` });
  let ingestion = await startIngestion();
  let worker = await startWorker();
  const database = openDatabase(postgres.url, silentLogger);
  cleanup.defer(() => database.end());
  const rows = async () =>
    (await database.query<{ n: number }>("SELECT count(*)::int AS n FROM telemetry")).rows[0]?.n ?? 0;

  const summaryFile = join(folder, "summary.json");
  const where = ["--target", `127.0.0.1:${grpcPort}`, "--admin-port", `${fleetPort}`, "--summary-json", summaryFile];
  const fleet = ["--cars", "10", "--rate", "10", ...where];
  const simulator = cleanup.use(startProgram(["simulator/src/main.ts", ...fleet], {}));
  await until("rows arrive", async () => (await rows()) > 50);
  await ingestion.end("SIGKILL");
  ingestion = await startIngestion();
  const rowsAtRestart = await rows();
  await until("rows arrive again", async () => (await rows()) > rowsAtRestart + 50);
  await worker.end("SIGKILL");
  worker = await startWorker();
  const rowsAtTakeover = await rows();
  await until("the next worker stores", async () => (await rows()) > rowsAtTakeover + 50);
  const metrics = await (await fetch(`http://127.0.0.1:${fleetPort}/metrics`)).text();
  expect(Number(/^simulator_reconnects_total\S* (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0);
  expect(await simulator.end("SIGTERM")).toBe(0);

  const { sent, acked, car_ids }: Summary = JSON.parse(readFileSync(summaryFile, "utf8"));
  expect(acked).toBe(sent);
  expect((await countInLog(kafkaConfig, from, new Set(car_ids), 0)).distinct).toBe(sent);
  await until("all is stored", async () => (await rows()) >= sent);
  expect((await summariseFleet(database, car_ids, 0)).rows).toBe(sent);
  for (const service of [worker, ingestion, grid]) expect(await service.end("SIGTERM")).toBe(0);
});
