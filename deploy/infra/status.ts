import { GROUPS, PORTS, TOPICS } from "@greenlane/contracts";
import { kafkaEnv, openTopicAdmin, type TopicAdmin } from "@greenlane/kafka";
import { portHolder, startedAtMs } from "@greenlane/local-servers";
import { loadConfig, silentLogger } from "@greenlane/runtime";
import { z } from "zod";
import { type Container, projectContainers } from "./containers.ts";
import { LOCAL_SERVERS } from "./localServers.ts";

const SERVICES = [
  { name: "mock-grid", port: PORTS.mockGrid },
  { name: "ingestion", port: PORTS.ingestionAdmin },
  { name: "pricing-worker", port: PORTS.pricingWorkerAdmin },
] as const;

/** Which container holds a server that is called otherwise in docker-compose.yml. */
const CONTAINERS: Record<string, string> = { kafka: "redpanda", postgres: "timescale" };

interface Row {
  name: string;
  state: "up" | "not ready" | "silent" | "down";
  where: string;
  /** Unix ms. */
  sinceMs?: number | undefined;
  note: string;
}

/** Prints a line for each server and service. @returns whether all are up */
export async function printStatus(print: (line: string) => void): Promise<boolean> {
  const containers = projectContainers();
  const records = await countRecords();
  const rows = await Promise.all([
    ...LOCAL_SERVERS.map((server) => serverRow(server, containers, server.name === "kafka" ? records.inLog : "")),
    ...SERVICES.map((service) =>
      serviceRow(service, containers, service.name === "pricing-worker" ? records.behind : ""),
    ),
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
  return { name, state: (await answers(port)) ? "up" : "silent", ...place, note };
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
  if (health === undefined) return { name, state: "silent", ...place, note };
  if (health.service !== name) return { name, state: "down", ...place, note: `${health.service} answers there` };
  const ready = await ask(port, "/ready", readyAnswer);
  const checks = Object.entries(ready?.checks ?? {}).map(([of, says]) => `${of}: ${says}`);
  return {
    name,
    state: ready?.ready ? "up" : "not ready",
    ...place,
    note: [...checks, note].filter(Boolean).join("; "),
  };
}

/** Which container or process of this machine listens on a port, and since when; undefined when none does. */
function placeOf(service: string, port: number, containers: Container[]): Pick<Row, "where" | "sinceMs"> | undefined {
  const container = containers.find((each) => each.service === service && each.state !== "down");
  if (container !== undefined) {
    return { where: `127.0.0.1:${port} container ${container.name}`, sinceMs: container.startedAtMs };
  }
  const holder = portHolder(port);
  if (holder === undefined) return undefined;
  if (holder.pid === undefined) return { where: `127.0.0.1:${port} ${holder.command}` };
  return { where: `127.0.0.1:${port} pid ${holder.pid}`, sinceMs: startedAtMs(holder.pid) };
}

async function ask<Answer>(port: number, path: string, schema: z.ZodType<Answer>): Promise<Answer | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_000) });
    return schema.safeParse(await answer.json()).data;
  } catch {
    return undefined; // nobody answers there, or not in the way of ours
  }
}

/** How much Kafka holds, and how far the pricing workers are behind. */
async function countRecords(): Promise<{ inLog: string; behind: string }> {
  const kafka = LOCAL_SERVERS.find(({ name }) => name === "kafka");
  if (kafka === undefined || !(await kafka.answers(kafka.port))) return { inLog: "", behind: "" };
  try {
    await using admin = await openTopicAdmin(loadConfig(kafkaEnv), "greenlane-status", silentLogger);
    const lag = await admin.lag(GROUPS.pricingWorker, TOPICS.fleetEvents);
    const behind = lag.reduce((sum, partition) => sum + partition.lag, 0);
    return { inLog: await recordsInLog(admin), behind: `${behind} records behind` };
  } catch (error) {
    return { inLog: `not counted: ${error instanceof Error ? error.message : error}`, behind: "" };
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
