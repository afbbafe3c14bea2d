import { enterStations } from "@greenlane/city/enterStations";
import { openTopicAdmin } from "@greenlane/kafka";
import { freePort } from "@greenlane/local-servers";
import { silentLogger } from "@greenlane/runtime";
import { startKafka, startPostgres, startProgram, startRedis, startServiceProcess, until } from "@greenlane/testkit";
import { cancelBookings, closeDatabase, listBookings, migrate, openDatabase } from "@greenlane/timescale";
import { expect, test } from "vitest";

/** Of ten cars two begin low; with the seed that they have, both take the first offer. */
const LOW_CARS = 2;

test("cars keep their wish while the engine is away, and hear of what became of their bookings meanwhile", async () => {
  await using cleanup = new AsyncDisposableStack();
  const [redis, kafka, postgres] = await Promise.all([startRedis(), startKafka(), startPostgres()]);
  for (const server of [redis, kafka, postgres]) cleanup.use(server);
  const kafkaConfig = { KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  const topics = cleanup.use(await openTopicAdmin(kafkaConfig, "test", silentLogger));
  await topics.ensureTopics();
  await migrate(postgres.url, silentLogger);
  const database = openDatabase(postgres.url, silentLogger);
  cleanup.defer(() => closeDatabase(database));
  await enterStations(database);
  const [gridPort, grpcPort, ingestionPort] = [await freePort(), await freePort(), await freePort()];
  const [negotiationPort, bookingPort, fleetPort] = [await freePort(), await freePort(), await freePort()];
  const servers = { KAFKA_BROKERS: kafka.url, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
  const started = async (name: string, port: number, env: Record<string, string>) =>
    cleanup.use(await startServiceProcess(name, port, { ...servers, ...env }));
  await started("mock-grid", gridPort, { PORT: `${gridPort}` });
  await started("ingestion", ingestionPort, { GRPC_PORT: `${grpcPort}`, ADMIN_PORT: `${ingestionPort}` });
  const startBooking = () =>
    started("booking", bookingPort, {
      GRPC_PORT: `${negotiationPort}`,
      ADMIN_PORT: `${bookingPort}`,
      GRID_URL: `http://127.0.0.1:${gridPort}`,
      INVITE_EVERY_MS: "0",
    });
  const targets = ["--target", `127.0.0.1:${grpcPort}`, "--booking-target", `127.0.0.1:${negotiationPort}`];
  const fleet = ["--cars", "10", "--seed", "3", ...targets, "--admin-port", `${fleetPort}`];
  const simulator = cleanup.use(startProgram(["simulator/src/main.ts", ...fleet], {}));
  const counted = async (name: string) => {
    const answer = await fetch(`http://127.0.0.1:${fleetPort}/metrics`).catch(() => undefined);
    const metrics = (await answer?.text()) ?? "";
    return Number(new RegExp(`^simulator_${name}_total\\S* (\\d+)$`, "m").exec(metrics)?.[1]);
  };

  await until("cars have asked", async () => (await counted("requests")) === LOW_CARS);
  const booking = await startBooking();
  await until("they have booked", async () => (await counted("booked")) === LOW_CARS);
  expect(await counted("requests")).toBe(LOW_CARS);

  await booking.end("SIGKILL");
  const standing = await listBookings(database, { states: ["RESERVED"], limit: 10 });
  await cancelBookings(database, standing, "canceled while nobody could tell");
  await startBooking();
  await until("they know that it is canceled", async () => (await counted("bookings_lost")) === standing.length);
  expect(await simulator.end("SIGTERM")).toBe(0);
  const left = await listBookings(database, { states: ["RESERVED"], limit: 10 });
  expect(left).toEqual([]);
});
