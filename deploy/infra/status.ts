import { GROUPS, PORTS, TOPICS } from "@greenlane/contracts";
import { kafkaEnv, openTopicAdmin } from "@greenlane/kafka";
import { portHolder } from "@greenlane/local-servers";
import { loadConfig, silentLogger } from "@greenlane/runtime";
import { startedServer } from "./localServers.ts";

const SERVERS = [
  { name: "kafka", port: PORTS.kafka },
  { name: "postgres", port: PORTS.postgres },
  { name: "redis", port: PORTS.redis },
];
const SERVICES = [
  { name: "mock-grid", port: PORTS.mockGrid },
  { name: "ingestion", port: PORTS.ingestionAdmin },
  { name: "pricing-worker", port: PORTS.pricingWorkerAdmin },
];

const row = (...cells: string[]) =>
  `  ${cells.map((cell, n) => cell.padEnd([16, 6, 8, 22][n] ?? 0)).join(" ")}`.trimEnd();
const since = (ms: number | undefined) =>
  ms === undefined ? "" : new Date(ms).toISOString().slice(0, 19).replace("T", " ");

/** Each server and service: up or not, where, since when, and what it says of itself. */
export async function printStatus(print: (line: string) => void): Promise<void> {
  print(row("NAME", "STATE", "PORT", "SINCE (UTC)", "NOTE"));
  for (const { name, port } of SERVERS) {
    const up = portHolder(port) !== undefined;
    print(
      row(
        name,
        up ? "up" : "down",
        `${port}`,
        since(startedServer(name)?.startedAtMs),
        name === "kafka" && up ? await lagNote() : "",
      ),
    );
  }
  for (const { name, port } of SERVICES) {
    const health = await ask(port, "/health");
    const ready = health === undefined ? undefined : await ask(port, "/ready");
    print(
      row(
        name,
        health === undefined ? "down" : "up",
        `${port}`,
        since(health?.started_at),
        JSON.stringify(ready?.checks ?? "").replaceAll('"', ""),
      ),
    );
  }
}

async function ask(
  port: number,
  path: string,
): Promise<{ started_at?: number; checks?: Record<string, string> } | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_000) });
    return (await answer.json()) as { started_at?: number; checks?: Record<string, string> };
  } catch {
    return undefined; // nobody answers there: down
  }
}

async function lagNote(): Promise<string> {
  try {
    await using admin = await openTopicAdmin(loadConfig(kafkaEnv), "greenlane-status", silentLogger);
    const lag = await admin.lag(GROUPS.pricingWorker, TOPICS.fleetEvents);
    return `${GROUPS.pricingWorker} is ${lag.reduce((sum, partition) => sum + partition.lag, 0)} records behind`;
  } catch (error) {
    return `lag unknown: ${error instanceof Error ? error.message : error}`;
  }
}
