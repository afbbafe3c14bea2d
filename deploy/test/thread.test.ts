import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enterStations } from "@greenlane/city/enterStations";
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
import { closeDatabase, listBookings, migrate, openDatabase, summariseFleet } from "@greenlane/timescale";
import { expect, test } from "vitest";
import { summariseBookings } from "../demo/bookings.ts";
import { countInLog } from "../demo/logReader.ts";

const BOOKED = 3;

interface Summary {
  sent: number;
  acked: number;
  car_ids: string[];
  negotiation: { booking_ids: string[] };
}

test("with ingestion, worker and booking process killed under load, what the fleet sent is stored once and what it charged was booked", async () => {
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
  const [negotiationPort, bookingPort] = [await freePort(), await freePort()];
  await migrate(postgres.url, silentLogger);
  const database = openDatabase(postgres.url, silentLogger);
  cleanup.defer(() => closeDatabase(database));
  await enterStations(database);
  const servers = { KAFKA_BROKERS: kafka.url, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
  const started = async (name: string, port: number, env: Record<string, string>): Promise<RunningProgram> =>
    cleanup.use(await startServiceProcess(name, port, { ...servers, ...env }));
  const startIngestion = () =>
    started("ingestion", ingestionPort, { GRPC_PORT: `${grpcPort}`, ADMIN_PORT: `${ingestionPort}` });
  const startWorker = () =>
    started("pricing-worker", workerPort, { ADMIN_PORT: `${workerPort}`, GRID_URL: `http://127.0.0.1:${gridPort}` });
  const startBooking = () =>
    started("booking", bookingPort, {
      GRPC_PORT: `${negotiationPort}`,
      ADMIN_PORT: `${bookingPort}`,
      GRID_URL: `http://127.0.0.1:${gridPort}`,
    });
  const grid = await started("mock-grid", gridPort, { PORT: `${gridPort}` });
  let ingestion = await startIngestion();
  let worker = await startWorker();
  let booking = await startBooking();
  const rows = async () =>
    (await database.query<{ n: number }>("SELECT count(*)::int AS n FROM telemetry")).rows[0]?.n ?? 0;
  const fulfilled = async () => (await listBookings(database, { states: ["FULFILLED"], limit: 100 })).length;

  const summaryFile = join(folder, "summary.json");
  const targets = ["--target", `127.0.0.1:${grpcPort}`, "--booking-target", `127.0.0.1:${negotiationPort}`];
  const outputs = ["--admin-port", `${fleetPort}`, "--summary-json", summaryFile];
  // Every fifth car asks at once, for a session of 18 s; some will have something better to do.
  const fleet = ["--cars", "30", "--rate", "5", "--top-up", "0.5", ...targets, ...outputs];
  const simulator = cleanup.use(startProgram(["simulator/src/main.ts", ...fleet], {}));
  const counted = async (name: string) => {
    const answer = await fetch(`http://127.0.0.1:${fleetPort}/metrics`).catch(() => undefined);
    const metrics = (await answer?.text()) ?? "";
    return Number(new RegExp(`^${name}\\S* (\\d+)$`, "m").exec(metrics)?.[1]);
  };
  await until("cars have booked", async () => (await counted("simulator_booked_total")) >= BOOKED);
  await booking.end("SIGKILL");
  booking = await startBooking();
  await until("the next one knows who has plugged in", async () => (await fulfilled()) >= BOOKED);
  await until("rows arrive", async () => (await rows()) > 50);
  await ingestion.end("SIGKILL");
  ingestion = await startIngestion();
  const rowsAtRestart = await rows();
  await until("rows arrive again", async () => (await rows()) > rowsAtRestart + 50);
  await worker.end("SIGKILL");
  worker = await startWorker();
  const rowsAtTakeover = await rows();
  await until("the next worker stores", async () => (await rows()) > rowsAtTakeover + 50);
  expect(await counted("simulator_reconnects_total")).toBeGreaterThan(0);
  expect(await simulator.end("SIGTERM")).toBe(0);

  const { sent, acked, car_ids, negotiation }: Summary = JSON.parse(readFileSync(summaryFile, "utf8"));
  expect(acked).toBe(sent);
  expect((await countInLog(kafkaConfig, from, new Set(car_ids), 0)).distinct).toBe(sent);
  await until("all is stored", async () => (await rows()) >= sent);
  expect((await summariseFleet(database, car_ids, 0)).rows).toBe(sent);
  const sessions = await summariseBookings(database, car_ids, 0, negotiation.booking_ids);
  expect(sessions).toMatchObject({ doubleBookings: 0, unbookedRows: 0, missing: [] });
  expect(sessions.bookedSessions).toBeGreaterThanOrEqual(BOOKED);
  for (const service of [booking, worker, ingestion, grid]) expect(await service.end("SIGTERM")).toBe(0);
});
