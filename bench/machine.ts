import { readdirSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { describeCluster } from "@greenlane/kafka";
import { chooseEngine, kafkaJars } from "@greenlane/local-servers";
import { connectOnce, serverVersion } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import type { OwnServers } from "@greenlane/stage";
import { type Database, describeDatabase } from "@greenlane/timescale";

/** What a run was measured on. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  kernel: string;
  node: string;
  servers: "docker" | "local";
  kafka: string;
  redis: string;
  postgres: string;
  /** "none" without the extension. */
  timescaledb: string;
  /** Processes that wanted a core in the minute before the run: above 1 somebody else was at work. */
  loadBefore: number;
}

/** How busy the machine is, as the average of a minute. */
export const loadNow = (): number => loadavg()[0] ?? 0;

/** @param loadBefore - what `loadNow` said before the servers were started */
export async function describeMachine(servers: OwnServers, database: Database, loadBefore: number): Promise<Machine> {
  const { engine } = chooseEngine();
  const kafkaConfig = { KAFKA_BROKERS: [servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  const { fetchVersion } = await describeCluster(kafkaConfig, "bench", silentLogger);
  const redis = await connectOnce(servers.redis.url);
  const redisVersion = await serverVersion(redis);
  redis.disconnect();
  const { serverVersion: postgres, timescaleVersion } = await describeDatabase(database);
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    servers: engine,
    kafka: engine === "docker" ? `Redpanda (Fetch version ${fetchVersion})` : kafkaVersion(),
    redis: redisVersion,
    postgres,
    timescaledb: timescaleVersion ?? "none",
    loadBefore,
  };
}

/** Kafka names no version of its own over the wire; its jars do. */
function kafkaVersion(): string {
  const jar = readdirSync(kafkaJars()).find((file) => /^kafka_[\d.]+-[\d.]+\.jar$/.test(file));
  return /-([\d.]+)\.jar$/.exec(jar ?? "")?.[1] ?? "unknown";
}
