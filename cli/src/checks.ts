import { GROUPS, loadFleetPackage, TOPIC_SPECS, TOPICS } from "@greenlane/contracts";
import { describeCluster } from "@greenlane/kafka";
import { redisHosts, serverVersion } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { describeDatabase } from "@greenlane/timescale";
import { type CallOptions, type ClientDuplexStream, credentials, type StatusObject, status } from "@grpc/grpc-js";
import { z } from "zod";
import { callError, tokenMetadata } from "./bookingService.ts";
import type { CliConfig } from "./config.ts";
import { reasonOf } from "./failures.ts";
import { ANSWER_MS, CLIENT_ID, hostOf, kafkaAt, reach, withDatabase, withRedis, withTopics } from "./servers.ts";

/** What one part of GreenLane was found to be. */
export interface Finding {
  ok: boolean;
  /** What it says it is; undefined when it says nothing of that. */
  version?: string | undefined;
  /** Of one question, ms. */
  latencyMs?: number | undefined;
  /** What was found, or what is wrong. */
  detail: string;
  /** What to do about what is wrong. */
  advice?: string | undefined;
}

export interface Check {
  name: string;
  look: (config: CliConfig) => Promise<Finding>;
  /** What to do when it cannot be reached. */
  whenAway: string;
}

/** Every part, in the order in which they lean on each other. */
export const CHECKS: Check[] = [
  { name: "kafka", look: lookAtKafka, whenAway: "make up starts it, make logs-kafka shows why it ended" },
  { name: "redis", look: lookAtRedis, whenAway: "make up starts it, make logs-redis shows why it ended" },
  { name: "postgres", look: lookAtDatabase, whenAway: "make up starts it, make logs-timescale shows why it ended" },
  {
    name: "mock-grid",
    look: (config) => lookAtService(config.GRID_URL),
    whenAway: "make dev-mock-grid runs it; GRID_URL says where it is looked for",
  },
  {
    name: "ingestion",
    look: (config) => lookAtService(config.INGESTION_ADMIN_URL),
    whenAway: "make dev-ingestion runs it; INGESTION_ADMIN_URL says where it is looked for",
  },
  {
    name: "ingestion-grpc",
    look: lookAtCarsEdge,
    whenAway: "make dev-ingestion runs it; INGESTION_TARGET says where it is looked for",
  },
  {
    name: "pricing-worker",
    look: (config) => lookAtReader(config, config.PRICING_WORKER_ADMIN_URL, GROUPS.pricingWorker),
    whenAway: "make dev-pricing-worker runs it; PRICING_WORKER_ADMIN_URL says where it is looked for",
  },
  {
    name: "booking",
    look: (config) => lookAtReader(config, config.BOOKING_ADMIN_URL, GROUPS.booking),
    whenAway: "make dev-booking runs it; BOOKING_ADMIN_URL says where it is looked for",
  },
  {
    name: "booking-grpc",
    look: lookAtNegotiation,
    whenAway: "make dev-booking runs it; BOOKING_TARGET says where it is looked for",
  },
];

/** A check's finding; what cannot be reached is a finding too. */
export async function find({ look, whenAway }: Check, config: CliConfig): Promise<Finding> {
  try {
    return await look(config);
  } catch (error) {
    return { ok: false, detail: reasonOf(error), advice: whenAway };
  }
}

async function lookAtKafka(config: CliConfig): Promise<Finding> {
  const found = await reach(kafkaAt(config), describeCluster(config, CLIENT_ID, silentLogger));
  const missing = TOPIC_SPECS.map(({ name }): string => name).filter((name) => !found.topics.includes(name));
  const software = found.clusterId.startsWith("redpanda.") ? "Redpanda" : "Kafka";
  const at = found.brokers.map(({ address }) => address).join(", ");
  const known = { version: `${software}, Fetch v${found.fetchVersion}`, latencyMs: found.latencyMs };
  if (missing.length === 0) return { ok: true, ...known, detail: `at ${at}, ${found.topics.length} topics` };
  return { ok: false, ...known, detail: `at ${at}, without ${missing.join(", ")}`, advice: "make up makes the topics" };
}

async function lookAtRedis(config: CliConfig): Promise<Finding> {
  return withRedis(config, async (redis) => {
    const startedMs = performance.now();
    await redis.ping();
    const latencyMs = performance.now() - startedMs;
    return {
      ok: true,
      version: `Redis ${await serverVersion(redis)}`,
      latencyMs,
      detail: `at ${redisHosts(config.REDIS_URL)}`,
    };
  });
}

async function lookAtDatabase(config: CliConfig): Promise<Finding> {
  const found = await withDatabase(config, describeDatabase);
  const tables = found.timescaleVersion === undefined ? "ordinary tables" : `TimescaleDB ${found.timescaleVersion}`;
  const known = { version: `PostgreSQL ${found.serverVersion}, ${tables}`, latencyMs: found.latencyMs };
  const at = `at ${hostOf(config.DATABASE_URL)}`;
  const newest = found.migrations.at(-1);
  if (newest === undefined)
    return { ok: false, ...known, detail: `${at}, without tables`, advice: "make up makes them" };
  return { ok: true, ...known, detail: `${at}, schema ${newest}` };
}

const healthAnswer = z.object({ pid: z.number(), started_at: z.number(), version: z.string().optional() });
const readyAnswer = z.object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) });

async function getJson<Answer>(url: string, path: string, schema: z.ZodType<Answer>): Promise<Answer> {
  const answer = await fetch(new URL(path, url), { signal: AbortSignal.timeout(ANSWER_MS) });
  const parsed = schema.safeParse(await answer.json().catch(() => undefined));
  if (!parsed.success) throw new Error(`who answers there answers ${answer.status}, and not as this service does`);
  return parsed.data;
}

/** Asks a service's /health and /ready. */
async function lookAtService(url: string): Promise<Finding> {
  const at = `at ${hostOf(url)}`;
  const health = await reach(at, getJson(url, "/health", healthAnswer));
  const startedMs = performance.now();
  const { ready, checks } = await reach(at, getJson(url, "/ready", readyAnswer));
  const latencyMs = performance.now() - startedMs;
  const said = Object.entries(checks).map(([name, state]) => `${name} ${state}`);
  const detail = [`${at}, pid ${health.pid}`, ...said].join(", ");
  const known = { version: health.version, latencyMs, detail };
  return ready
    ? { ok: true, ...known }
    : { ok: false, ...known, advice: "it waits for what is not ok above; its log says more" };
}

/** Where ingestion's cars stream. */
function lookAtCarsEdge({ INGESTION_TARGET, API_TOKEN }: CliConfig): Promise<Finding> {
  const client = new (loadFleetPackage().FleetService)(INGESTION_TARGET, credentials.createInsecure());
  const open = (options: CallOptions) => client.StreamTelemetry(tokenMetadata(API_TOKEN), options);
  return lookAtStreams(INGESTION_TARGET, open, "ingestion").finally(() => client.close());
}

/** Where cars negotiate. */
function lookAtNegotiation({ BOOKING_TARGET, API_TOKEN }: CliConfig): Promise<Finding> {
  const client = new (loadFleetPackage().NegotiationService)(BOOKING_TARGET, credentials.createInsecure());
  const open = (options: CallOptions) => client.Negotiate(tokenMetadata(API_TOKEN), options);
  return lookAtStreams(BOOKING_TARGET, open, "the booking process").finally(() => client.close());
}

/** Opens a stream as a car does, and ends it at once: that needs the token, and leaves no trace. */
async function lookAtStreams<Said, Heard>(
  target: string,
  open: (options: CallOptions) => ClientDuplexStream<Said, Heard>,
  whose: string,
): Promise<Finding> {
  const startedMs = performance.now();
  const call = open({ deadline: Date.now() + ANSWER_MS });
  const { promise, resolve } = Promise.withResolvers<StatusObject>();
  call.on("status", resolve);
  call.on("error", () => undefined); // the status says it too
  call.on("data", () => undefined);
  call.end();
  const end = await promise;
  const latencyMs = performance.now() - startedMs;
  const at = `gRPC at ${target}`;
  if (end.code === status.OK) return { ok: true, latencyMs, detail: `${at} takes the token` };
  if (end.code !== status.UNAUTHENTICATED) throw new Error(`${at} cannot be reached: ${callError(end)}`);
  const advice = `set API_TOKEN to one of the API_TOKENS of ${whose}`;
  return { ok: false, latencyMs, detail: `${at} refuses the token`, advice };
}

/** Asks a service that reads the telemetry in a group how it is, and Kafka how far it is behind. */
async function lookAtReader(config: CliConfig, url: string, group: string): Promise<Finding> {
  const [service, lag] = await Promise.all([lookAtService(url), lagText(config, group)]);
  return { ...service, detail: `${service.detail}, ${lag}` };
}

async function lagText(config: CliConfig, group: string): Promise<string> {
  try {
    const partitions = await withTopics(config, (topics) => topics.lag(group, TOPICS.fleetEvents));
    return `${partitions.reduce((sum, { lag }) => sum + lag, 0)} records behind`;
  } catch (error) {
    return `lag unknown: ${reasonOf(error)}`;
  }
}
