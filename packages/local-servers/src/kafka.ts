import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { java, kafkaJars } from "./binaries.ts";
import { firstAnswer } from "./firstAnswer.ts";
import { freePort } from "./ports.ts";
import { type RunningServer, runProgram, type ServerSpec, startServer } from "./serverProcess.ts";

const JVM = [
  "-Xmx512m",
  "-Xms128m",
  "-XX:+UseSerialGC",
  // The quick compiler only: on a development machine the thorough one takes more than it gives.
  "-XX:TieredStopAtLevel=1",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
];

/** Starts one Apache Kafka node (KRaft, broker and controller in one) on loopback. The URL is its bootstrap address. */
export async function startKafkaServer(spec: ServerSpec): Promise<RunningServer> {
  mkdirSync(spec.dataDir, { recursive: true });
  const properties = join(spec.dataDir, "server.properties");
  const logDir = join(spec.dataDir, "log");
  writeFileSync(properties, await brokerProperties(spec.port, logDir));
  const classPath = ["-cp", `${kafkaJars()}/*`];
  if (!existsSync(join(logDir, "meta.properties"))) {
    rmSync(logDir, { recursive: true, force: true }); // what a formatting that was interrupted has left
    const clusterId = randomBytes(16).toString("base64url");
    // With "=", as one id in 64 begins with "-" and would be taken for an option.
    const format = ["kafka.tools.StorageTool", "format", `--cluster-id=${clusterId}`, "--config", properties];
    await runProgram(spec, { command: java(), args: [...JVM, ...classPath, ...format] });
  }
  const args = [...JVM, ...classPath, "kafka.Kafka", properties];
  const server = await startServer(spec, { command: java(), args }, () => kafkaAnswers(spec.port));
  return { ...server, url: `127.0.0.1:${spec.port}` };
}

async function brokerProperties(port: number, logDir: string): Promise<string> {
  const controllerPort = await freePort();
  return Object.entries({
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": logDir,
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "message.max.bytes": "4194304",
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** An ApiVersions request, version 0, as any client sends first. */
const API_VERSIONS = Buffer.from("0000000e0012000000000001000470696e67", "hex");

/** Whether a Kafka broker on that loopback port answers. */
export async function kafkaAnswers(port: number): Promise<boolean> {
  return (await firstAnswer(port, API_VERSIONS)) !== undefined;
}
