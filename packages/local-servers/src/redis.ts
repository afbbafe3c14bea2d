import { mkdirSync } from "node:fs";
import { redisServer } from "./binaries.ts";
import { firstAnswer } from "./firstAnswer.ts";
import { type RunningServer, type ServerSpec, startServer } from "./serverProcess.ts";

/** Starts redis-server, append-only, on loopback, with more settings of its command line if there are any. */
export async function startRedisServer(spec: ServerSpec, settings: string[] = []): Promise<RunningServer> {
  mkdirSync(spec.dataDir, { recursive: true });
  const args = [
    "--port",
    `${spec.port}`,
    "--bind",
    "127.0.0.1",
    "--dir",
    spec.dataDir,
    "--appendonly",
    "yes",
    "--save",
    "",
    ...settings,
  ];
  const server = await startServer(spec, { command: redisServer(), args }, () => redisAnswers(spec.port));
  return { ...server, url: `redis://127.0.0.1:${spec.port}` };
}

/** Whether a Redis server on that loopback port answers. */
export async function redisAnswers(port: number): Promise<boolean> {
  const answer = await firstAnswer(port, "PING\r\n");
  return answer?.toString().startsWith("+PONG") ?? false;
}
