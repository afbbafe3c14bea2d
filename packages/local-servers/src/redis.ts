import { mkdirSync } from "node:fs";
import { createConnection } from "node:net";
import { redisServer } from "./binaries.ts";
import { type RunningServer, type ServerSpec, startServer } from "./serverProcess.ts";

/** Starts redis-server, append-only, on loopback. */
export async function startRedisServer(spec: ServerSpec): Promise<RunningServer> {
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
  ];
  const pid = await startServer(spec, { command: redisServer(), args }, () => pongs(spec.port));
  return { pid, url: `redis://127.0.0.1:${spec.port}` };
}

function pongs(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" }, () => socket.write("PING\r\n"));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once("data", (answer) => {
      resolve(answer.toString().startsWith("+PONG"));
      socket.end();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}
