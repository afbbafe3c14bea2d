import { fileURLToPath } from "node:url";
import { DEVELOPMENT_API_TOKEN, decodeTelemetry, TOPICS } from "@greenlane/contracts";
import { openTopicReader } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";
import { type OwnServers, type ServiceProcess, ServiceProcesses, startOwnServers } from "@greenlane/stage";
import { until } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EchoAnswer, EchoOrder } from "../floors/messages.ts";
import { LoadTool } from "../load/loadTool.ts";
import type { LoadPlan, Pace } from "../load/messages.ts";
import { SteeredProcess } from "../steeredProcess.ts";

const ECHO = fileURLToPath(new URL("../floors/grpcEcho.ts", import.meta.url));

const cleanup = new AsyncDisposableStack();
let servers: OwnServers;
let ingestion: ServiceProcess;
let echo: string;

beforeAll(async () => {
  servers = cleanup.use(await startOwnServers());
  const services = cleanup.use(new ServiceProcesses("load-test", servers));
  ingestion = await services.start("ingestion", { env: { STREAM_MAX_EVENTS_PER_SECOND: "100000" } });
  const server = cleanup.use(new SteeredProcess<EchoOrder, EchoAnswer>(ECHO));
  echo = `127.0.0.1:${(await server.tell({ kind: "listen" })).port}`;
});
afterAll(() => cleanup.disposeAsync());

const planOf = (target: string, carPrefix: string): LoadPlan => ({
  targets: [target],
  token: DEVELOPMENT_API_TOKEN,
  connections: 4,
  streams: 20,
  carPrefix,
});

/** Loads until so many reports are acked, and no longer. */
async function load(plan: LoadPlan, pace: Pace, reports: number, processes = 1) {
  await using tool = await LoadTool.open(plan, processes);
  await tool.start(pace);
  let acked = 0;
  await until(`${reports} reports are acked`, async () => {
    acked += (await tool.sample()).acked;
    return acked >= reports;
  });
  const counts = await tool.stop();
  await tool.close();
  return counts;
}

/** Every event of the log with that prefix, as "car time", in the order of its partition. */
async function inLog(prefix: string): Promise<string[]> {
  const kafka = { KAFKA_BROKERS: [servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  await using reader = await openTopicReader(kafka, TOPICS.fleetEvents, "load-test", silentLogger);
  const events: string[] = [];
  for (const { partition, low, high } of await reader.offsets()) {
    for (const { value } of await reader.readRange(partition, low, high)) {
      const decoded = decodeTelemetry(value);
      if (decoded.kind !== "telemetry") throw new Error("the log holds something that is no telemetry");
      const { carId, timestampMs } = decoded.telemetry;
      if (carId.startsWith(prefix)) events.push(`${carId} ${timestampMs}`);
    }
  }
  return events;
}

test("what the load tool counts as acked is what the log holds, each event once", async () => {
  const plan = planOf(`127.0.0.1:${ingestion.grpcPort}`, "closed-");
  const counts = await load(plan, { kind: "closed", inFlight: 3 }, 500);
  const events = await inLog("closed-");
  expect(counts).toEqual({
    sent: events.length,
    acked: events.length,
    rejected: 0,
    wrong: 0,
    failed: 0,
    streamsLost: 0,
  });
  expect(new Set(events).size).toBe(events.length);
});

test("several load processes share the cars, and a rate is kept by all of them together", async () => {
  const plan = planOf(`127.0.0.1:${ingestion.grpcPort}`, "open-");
  const counts = await load(plan, { kind: "open", perSecond: 500 }, 200, 2);
  const events = await inLog("open-");
  expect(counts).toMatchObject({ sent: events.length, acked: events.length, failed: 0 });
  expect(new Set(events.map((event) => event.split(" ")[0])).size).toBe(plan.streams);
});

test("a bare server's echoes are counted as acks, over many more bytes than any window holds", async () => {
  const counts = await load(planOf(echo, "echo-"), { kind: "closed", inFlight: 50 }, 60_000);
  expect(counts).toMatchObject({ sent: counts.acked, rejected: 0, wrong: 0, failed: 0, streamsLost: 0 });
});

test("a gateway's batches are acked by their sequence", async () => {
  const plan = { ...planOf(echo, "gateway-"), gateway: { cars: 120, batch: 100 } };
  const counts = await load(plan, { kind: "closed", inFlight: 4 }, 50_000);
  expect(counts).toMatchObject({ sent: counts.acked, rejected: 0, wrong: 0, failed: 0, streamsLost: 0 });
});

test("what a server that dies has not answered is counted as failed, and its streams as lost", async () => {
  const server = new SteeredProcess<EchoOrder, EchoAnswer>(ECHO);
  const target = `127.0.0.1:${(await server.tell({ kind: "listen" })).port}`;
  await using tool = await LoadTool.open(planOf(target, "dies-"));
  await tool.start({ kind: "closed", inFlight: 2 });
  await server[Symbol.asyncDispose]();
  const counts = await until("all streams are lost", async () => {
    const stopped = await tool.stop();
    return stopped.streamsLost === 20 ? stopped : undefined;
  });
  expect(counts.failed).toBe(counts.sent - counts.acked);
});

test("a server that does not know the token ends every stream, and nothing counts as acked", async () => {
  const plan = { ...planOf(`127.0.0.1:${ingestion.grpcPort}`, "stranger-"), token: "unknown" };
  await using tool = await LoadTool.open(plan);
  await tool.start({ kind: "once" });
  const counts = await until("all streams are lost", async () => {
    const stopped = await tool.stop();
    return stopped.streamsLost === plan.streams ? stopped : undefined;
  });
  expect(counts.acked).toBe(0);
});
