import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { carKey, GROUPS, PORTS, TOPICS } from "@greenlane/contracts";
import { kafkaEnv, openTopicAdmin } from "@greenlane/kafka";
import { DATA_DIR } from "@greenlane/local-servers";
import { openRedis, redisEnv } from "@greenlane/redis";
import { flag, loadConfig, silentLogger, wholeNumber } from "@greenlane/runtime";
import { Children, heedInterruption, INTERRUPTED, stop } from "@greenlane/stage";
import { closeDatabase, databaseEnv, openDatabase, summariseFleet } from "@greenlane/timescale";
import { z } from "zod";
import { requireFreePorts } from "../infra/freePorts.ts";
import { prepareServers } from "../infra/prepare.ts";
import { startServers } from "../infra/servers.ts";
import { summariseBookings } from "./bookings.ts";
import { countInLog } from "./logReader.ts";
import { differences, type RunCounts, table } from "./reconciliation.ts";

const config = loadConfig({
  ...kafkaEnv,
  ...redisEnv,
  ...databaseEnv,
  DURATION: wholeNumber(60, { min: 0, max: 86_400 }),
  CARS: wholeNumber(25, { min: 1, max: 10_000 }),
  RATE: z.coerce.number().min(0.01).max(1000).default(1),
  SEED: wholeNumber(1, { min: 0, max: 2 ** 32 - 1 }),
  JSON: z.enum(["0", "1"]).default("0"),
  /** Leaves the Live Ops output out; for measuring. */
  QUIET: flag(false),
});
const json = config.JSON === "1";
const SUMMARY_FILE = join(DATA_DIR, "run", "simulator-summary.json");
const SETTLE_TIMEOUT_MS = 60_000;

const say = (line: string) => void process.stderr.write(`demo: ${line}\n`);
const children = new Children();
const interrupted = heedInterruption(say);
let undoServers: (() => Promise<void>) | undefined;
const carryOn = () => interrupted.throwIfAborted();

/** Each at its own port, whatever the environment says of others. */
const SERVICES = [
  { name: "mock-grid", port: PORTS.mockGrid, env: { PORT: `${PORTS.mockGrid}` } },
  {
    name: "ingestion",
    port: PORTS.ingestionAdmin,
    env: { ADMIN_PORT: `${PORTS.ingestionAdmin}`, GRPC_PORT: `${PORTS.grpc}` },
  },
  {
    name: "pricing-worker",
    port: PORTS.pricingWorkerAdmin,
    env: { ADMIN_PORT: `${PORTS.pricingWorkerAdmin}`, GRID_URL: `http://localhost:${PORTS.mockGrid}` },
  },
  {
    name: "booking",
    port: PORTS.bookingAdmin,
    env: {
      ADMIN_PORT: `${PORTS.bookingAdmin}`,
      GRPC_PORT: `${PORTS.negotiation}`,
      GRID_URL: `http://localhost:${PORTS.mockGrid}`,
    },
  },
];

async function startServices(): Promise<void> {
  for (const { name, port, env } of SERVICES) {
    carryOn();
    await children.startService({ name, args: [`services/${name}/src/main.ts`], env }, port);
    say(`${name} is ready`);
  }
}

/** Waits until the worker and the booking process have taken all that the log holds. */
async function settled(): Promise<void> {
  await using admin = await openTopicAdmin(config, "greenlane-demo", silentLogger);
  const deadlineMs = Date.now() + SETTLE_TIMEOUT_MS;
  for (const group of [GROUPS.pricingWorker, GROUPS.booking]) {
    while ((await admin.lag(group, TOPICS.fleetEvents)).some(({ lag }) => lag > 0)) {
      if (Date.now() > deadlineMs) return say(`${group} is still behind; counting all the same`);
      await sleep(100);
    }
  }
}

/** Of a run, what a low car's session takes, so that many a one asks, comes, charges and leaves before the end. */
const SESSION_SHARE = 0.4;
const STATION_KW = 50;
const CAPACITY_KWH = 50;

/**
 * What a low car asks for at the most, % of its battery: what it can charge in that time. Nothing is speeded up: the
 * cars just need little, and a minute of a fleet is honest to the second, in its slots, meters and prices.
 */
function topUpPercent(): number {
  if (config.DURATION === 0) return 100;
  const kwh = STATION_KW * ((SESSION_SHARE * config.DURATION) / 3600);
  return Math.min(100, (kwh / CAPACITY_KWH) * 100);
}

const percentiles = z.object({ p50: z.number().nullable(), p99: z.number().nullable() });

const summarySchema = z.object({
  cars: z.number(),
  car_ids: z.array(z.string()),
  sent: z.number(),
  acked: z.number(),
  ack_latency_ms: percentiles,
  started_at_ms: z.number(),
  negotiation: z.object({
    requests: z.number(),
    offers: z.number(),
    booked: z.number(),
    waitlisted: z.number(),
    refused: z.number(),
    invitations: z.number(),
    invitations_accepted: z.number(),
    booking_ids: z.array(z.string()),
    request_to_offers_ms: percentiles,
    accept_to_confirmed_ms: percentiles,
  }),
});

async function reconcile(from: Parameters<typeof countInLog>[1]): Promise<RunCounts> {
  const run = summarySchema.parse(JSON.parse(readFileSync(SUMMARY_FILE, "utf8")));
  await settled();
  const inLog = await countInLog(config, from, new Set(run.car_ids), run.started_at_ms);
  const database = openDatabase(config.DATABASE_URL, silentLogger);
  const rows = await summariseFleet(database, run.car_ids, run.started_at_ms);
  const { negotiation } = run;
  const bookings = await summariseBookings(database, run.car_ids, run.started_at_ms, negotiation.booking_ids);
  await closeDatabase(database);
  const redis = await openRedis(config.REDIS_URL, silentLogger);
  const carsInRedis = await redis.exists(...run.car_ids.map(carKey));
  redis.disconnect();
  return {
    sent: run.sent,
    acked: run.acked,
    inLog: inLog.distinct,
    stored: rows.rows,
    duplicates: inLog.records - inLog.distinct,
    carsInRedis,
    cars: run.cars,
    sessions: rows.sessions,
    kwh: rows.kwh,
    cost: rows.cost,
    sendToAckMs: run.ack_latency_ms,
    sendToRowMs: rows.sendToRowMs,
    ...bookings,
    requests: negotiation.requests,
    offers: negotiation.offers,
    booked: negotiation.booked,
    waitlisted: negotiation.waitlisted,
    refused: negotiation.refused,
    invitations: negotiation.invitations,
    invitationsAccepted: negotiation.invitations_accepted,
    requestToOffersMs: negotiation.request_to_offers_ms,
    acceptToConfirmedMs: negotiation.accept_to_confirmed_ms,
  };
}

async function demo(): Promise<number> {
  requireFreePorts([
    ...SERVICES,
    { name: "ingestion gRPC", port: PORTS.grpc },
    { name: "booking gRPC", port: PORTS.negotiation },
  ]);
  undoServers = await startServers(say, interrupted);
  await prepareServers(say);
  carryOn();
  await startServices();
  await using admin = await openTopicAdmin(config, "greenlane-demo", silentLogger);
  const from = await admin.offsets(TOPICS.fleetEvents);
  carryOn();
  const live =
    json || config.QUIET
      ? undefined
      : children.start({ name: "live", args: ["cli/src/main.ts", "live"], output: "inherit" });
  mkdirSync(join(DATA_DIR, "run"), { recursive: true });
  rmSync(SUMMARY_FILE, { force: true });
  const fleet = [
    "--cars",
    config.CARS,
    "--rate",
    config.RATE,
    "--seed",
    config.SEED,
    "--duration",
    config.DURATION,
    "--target",
    `localhost:${PORTS.grpc}`,
    "--booking-target",
    `localhost:${PORTS.negotiation}`,
    "--capacity-kwh",
    CAPACITY_KWH,
    "--top-up",
    topUpPercent(),
    "--summary-json",
    SUMMARY_FILE,
  ];
  say(config.DURATION === 0 ? "driving the fleet until Ctrl-C" : `driving the fleet for ${config.DURATION} s`);
  const simulator = children.start({
    name: "simulator",
    args: ["simulator/src/main.ts", ...fleet.map(String)],
    errors: "inherit",
  });
  while (simulator.exitCode === null && simulator.signalCode === null && !interrupted.aborted) await sleep(50);
  await stop(simulator);
  if (live !== undefined) await stop(live);
  if (!existsSync(SUMMARY_FILE)) throw new Error("the simulator left no summary");
  say("reconciling");
  const counts = await reconcile(from);
  const found = differences(counts);
  if (json) process.stdout.write(`${JSON.stringify({ ...counts, differences: found })}\n`);
  else process.stdout.write(`${table(counts)}\n`);
  for (const difference of found) say(`DIFFERENCE: ${difference}`);
  if (found.length === 0) say("sent = acked = in Kafka = stored; every session is booked, no slot twice");
  return found.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await demo();
} catch (error) {
  if (interrupted.aborted) process.exitCode = INTERRUPTED;
  else {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
} finally {
  await children.stopAll();
  await undoServers?.();
}
process.exit();
