import { GROUPS, PORTS, TOPICS } from "@greenlane/contracts";
import { kafkaEnv, openTopicAdmin, type TopicAdmin } from "@greenlane/kafka";
import { kafkaAnswers, portHolder, startedAtMs } from "@greenlane/local-servers";
import { loadConfig, silentLogger } from "@greenlane/runtime";
import { z } from "zod";
import { type Container, projectContainers } from "./containers.ts";
import { LOCAL_SERVERS } from "./localServers.ts";

const SERVICES = [
  { name: "mock-grid", port: PORTS.mockGrid },
  { name: "ingestion", port: PORTS.ingestionAdmin },
  { name: "pricing-worker", port: PORTS.pricingWorkerAdmin },
  { name: "booking", port: PORTS.bookingAdmin },
] as const;

/** Services that read the telemetry as a group, of which it can be told how far they are behind. */
const READERS: Record<string, string> = { "pricing-worker": GROUPS.pricingWorker, booking: GROUPS.booking };

/** Which container holds a server that is called otherwise in docker-compose.yml. */
const CONTAINERS: Record<string, string> = { kafka: "redpanda", postgres: "timescale" };

interface Row {
  name: string;
  /** Silent: something listens on its port, but does not answer as it should. */
  state: "up" | "not ready" | "silent" | "down";
  where: string;
  /** Unix ms. */
  sinceMs?: number | undefined;
  note: string;
}

/** Prints a line for each server and service. @returns whether all are up */
export async function printStatus(print: (line: string) => void): Promise<boolean> {
  const containers = projectContainers();
  const kafkaIsUp = await kafkaAnswers(PORTS.kafka);
  const told = (question: (admin: TopicAdmin) => Promise<string>) => (kafkaIsUp ? askKafka(question) : "");
  const lagOf = (group: string | undefined) => (group === undefined ? "" : told((admin) => lag(admin, group)));
  const records = await told(recordsInLog);
  const rows = await Promise.all([
    ...LOCAL_SERVERS.map((server) => serverRow(server, containers, server.name === "kafka" ? records : "")),
    ...SERVICES.map(async (service) => serviceRow(service, containers, await lagOf(READERS[service.name]))),
  ]);
  for (const line of table(rows)) print(line);
  return rows.every(({ state }) => state === "up");
}

async function serverRow(
  { name, port, answers }: (typeof LOCAL_SERVERS)[number],
  containers: Container[],
  note: string,
): Promise<Row> {
  const place = placeOf(CONTAINERS[name] ?? name, port, containers);
  if (place === undefined) return { name, state: "down", where: "", note };
  if (!(await answers(port))) return { name, state: "silent", ...place };
  return { name, state: "up", ...place, note };
}

const healthAnswer = z.object({ status: z.string(), service: z.string() });
const readyAnswer = z.object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) });

async function serviceRow(
  { name, port }: (typeof SERVICES)[number],
  containers: Container[],
  note: string,
): Promise<Row> {
  const place = placeOf(name, port, containers);
  if (place === undefined) return { name, state: "down", where: "", note };
  const health = await ask(port, "/health", healthAnswer);
  if (health?.service !== name) return { name, state: "silent", ...place };
  const ready = await ask(port, "/ready", readyAnswer);
  const checks = Object.entries(ready?.checks ?? {}).map(([of, says]) => `${of}: ${says}`);
  return {
    name,
    state: ready?.ready ? "up" : "not ready",
    ...place,
    note: [...checks, note].filter(Boolean).join("; "),
  };
}

/**
 * Which container or process of this machine listens on a port, and since when; the note says what it is. Undefined
 * when nothing listens there.
 */
function placeOf(
  service: string,
  port: number,
  containers: Container[],
): Pick<Row, "where" | "sinceMs" | "note"> | undefined {
  const container = containers.find((each) => each.service === service && each.state !== "down");
  if (container !== undefined) {
    const { name, startedAtMs: sinceMs, state } = container;
    return { where: `127.0.0.1:${port} container ${name}`, sinceMs, note: state };
  }
  const holder = portHolder(port);
  if (holder === undefined) return undefined;
  const { pid, command: note } = holder;
  if (pid === undefined) return { where: `127.0.0.1:${port}`, note };
  return { where: `127.0.0.1:${port} pid ${pid}`, sinceMs: startedAtMs(pid), note };
}

async function ask<Answer>(port: number, path: string, schema: z.ZodType<Answer>): Promise<Answer | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_000) });
    return schema.safeParse(await answer.json()).data;
  } catch {
    return undefined; // nobody answers there, or not in the way of ours
  }
}

/** What Kafka tells, or why it tells nothing. */
async function askKafka(question: (admin: TopicAdmin) => Promise<string>): Promise<string> {
  try {
    await using admin = await openTopicAdmin(loadConfig(kafkaEnv), "greenlane-status", silentLogger);
    return await question(admin);
  } catch (error) {
    return `not counted: ${error instanceof Error ? error.message : error}`;
  }
}

async function recordsInLog(admin: TopicAdmin): Promise<string> {
  const standing = await admin.topicNames();
  const topics = Object.values(TOPICS).filter((topic) => standing.includes(topic));
  let records = 0;
  for (const topic of topics) {
    for (const { low, high } of await admin.offsets(topic)) records += high - low;
  }
  return `${records} records in ${topics.length} topics`;
}

async function lag(admin: TopicAdmin, group: string): Promise<string> {
  const partitions = await admin.lag(group, TOPICS.fleetEvents);
  return `${partitions.reduce((sum, partition) => sum + partition.lag, 0)} records behind`;
}

function table(rows: readonly Row[]): string[] {
  const cells = [
    ["NAME", "STATE", "WHERE", "SINCE (UTC)", "NOTE"],
    ...rows.map(({ name, state, where, sinceMs, note }) => [name, state, where, utc(sinceMs), note]),
  ];
  const width = (column: number) => Math.max(...cells.map((line) => line[column]?.length ?? 0));
  return cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(width(column)))
      .join("  ")
      .trimEnd(),
  );
}

const utc = (ms: number | undefined) =>
  ms === undefined ? "" : new Date(ms).toISOString().slice(0, 19).replace("T", " ");
