import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PORTS } from "@greenlane/contracts";
import {
  portHolder,
  type RunningServer,
  type ServerSpec,
  startKafkaServer,
  startPostgresServer,
  startRedisServer,
  startTicks,
  stopServer,
} from "@greenlane/local-servers";

/** Where local servers and services keep their data, logs and process ids. */
export const DATA_DIR = fileURLToPath(new URL("../../.data", import.meta.url));
export const LOG_DIR = join(DATA_DIR, "logs");

interface LocalServer {
  name: "redis" | "postgres" | "kafka";
  port: number;
  start: (spec: ServerSpec) => Promise<RunningServer>;
}

/** In the order of starting. */
export const LOCAL_SERVERS: readonly LocalServer[] = [
  { name: "kafka", port: PORTS.kafka, start: startKafkaServer },
  { name: "postgres", port: PORTS.postgres, start: startPostgresServer },
  { name: "redis", port: PORTS.redis, start: startRedisServer },
];

/** A server that was started from this checkout. */
export interface Started {
  pid: number;
  /** When that process began, in ticks since boot: after a reboot the pid may be another's. */
  startTicks: number | undefined;
  /** Unix ms. */
  startedAtMs: number;
}

const recordOf = (name: string) => join(DATA_DIR, "run", `${name}.json`);

/** The server of that name, when it was started from here and lives. */
export function startedServer(name: string): Started | undefined {
  if (!existsSync(recordOf(name))) return undefined;
  const started = JSON.parse(readFileSync(recordOf(name), "utf8")) as Started;
  const now = startTicks(started.pid);
  return now !== undefined && now === started.startTicks ? started : undefined;
}

/** Starts what does not run yet. @throws Error naming each taken port and who holds it, before anything is started */
export async function startLocalServers(say: (line: string) => void): Promise<void> {
  const missing = LOCAL_SERVERS.filter(({ name }) => startedServer(name) === undefined);
  requireFreePorts(missing);
  mkdirSync(join(DATA_DIR, "run"), { recursive: true });
  await Promise.all(
    missing.map(async ({ name, port, start }) => {
      const spec = { dataDir: join(DATA_DIR, name), port, logFile: join(LOG_DIR, `${name}.log`), detached: true };
      const { pid } = await start(spec);
      writeFileSync(
        recordOf(name),
        JSON.stringify({ pid, startTicks: startTicks(pid), startedAtMs: Date.now() } satisfies Started),
      );
      say(`${name} is up on port ${port} (pid ${pid})`);
    }),
  );
}

/** @throws Error naming each port that is taken and the process that holds it */
export function requireFreePorts(wanted: readonly { name: string; port: number }[]): void {
  const taken = wanted.flatMap(({ name, port }) => {
    const holder = portHolder(port);
    return holder === undefined
      ? []
      : [
          `  port ${port} (${name}) is held by ${holder.command}${holder.pid === undefined ? "" : `, pid ${holder.pid}`}`,
        ];
  });
  if (taken.length > 0) throw new Error(`these ports are needed and taken:\n${taken.join("\n")}`);
}

/** Ends the servers that were started from here; their data stays. */
export async function stopLocalServers(say: (line: string) => void): Promise<void> {
  for (const { name } of LOCAL_SERVERS.toReversed()) {
    const started = startedServer(name);
    if (started !== undefined) {
      // Postgres ends its sessions at SIGINT, and waits for them at SIGTERM.
      await stopServer(started.pid, name === "postgres" ? "SIGINT" : "SIGTERM");
      say(`${name} is down`);
    }
    rmSync(recordOf(name), { force: true });
  }
}

/** Prints the log of one local server, or of all, as it grows, until Ctrl-C. @throws Error for a server that isn't one */
export function followLogs(name: string | undefined): void {
  const names = LOCAL_SERVERS.map((server) => server.name).filter((each) => name === undefined || each === name);
  if (names.length === 0) throw new Error(`no server is called ${name}`);
  spawn("tail", ["-n", "50", "-F", ...names.map((each) => join(LOG_DIR, `${each}.log`))], { stdio: "inherit" });
}
