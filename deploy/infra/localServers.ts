import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PORTS } from "@greenlane/contracts";
import {
  DATA_DIR,
  kafkaAnswers,
  LOG_DIR,
  postgresAnswers,
  postgresMayEnter,
  type RunningServer,
  redisAnswers,
  type ServerProcess,
  type ServerSpec,
  startKafkaServer,
  startPostgresServer,
  startRedisServer,
  startTicks,
  stopServer,
} from "@greenlane/local-servers";
import { requireFreePorts } from "./freePorts.ts";

const RECORD_DIR = join(DATA_DIR, "run");

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

interface LocalServer {
  name: "redis" | "postgres" | "kafka";
  port: number;
  start: (spec: ServerSpec) => Promise<RunningServer>;
  /** Whether a server of this kind answers on a loopback port. */
  answers: (port: number) => Promise<boolean>;
}

/** In the order of starting. */
export const LOCAL_SERVERS: readonly LocalServer[] = [
  { name: "kafka", port: PORTS.kafka, start: startKafkaServer, answers: kafkaAnswers },
  { name: "postgres", port: PORTS.postgres, start: startPostgresServer, answers: postgresAnswers },
  { name: "redis", port: PORTS.redis, start: startRedisServer, answers: redisAnswers },
];

/** A server that was started from this checkout. */
interface Started extends ServerProcess {
  /** When that process began, in ticks since boot: after a reboot the pid may be another's. */
  startTicks: number | undefined;
}

const recordOf = (name: string) => join(RECORD_DIR, `${name}.json`);

/** The server of that name, when it was started from here and lives. */
export function startedServer(name: string): Started | undefined {
  if (!existsSync(recordOf(name))) return undefined;
  const started = JSON.parse(readFileSync(recordOf(name), "utf8")) as Started;
  const now = startTicks(started.pid);
  return now !== undefined && now === started.startTicks ? started : undefined;
}

/** Written as soon as there is a process, so that `make down` finds it whatever becomes of the one that started it. */
function recordStarted(name: string, server: ServerProcess): void {
  writeFileSync(recordOf(name), JSON.stringify({ ...server, startTicks: startTicks(server.pid) } satisfies Started));
}

/**
 * Starts what does not run yet: all of it, or, when one fails or the signal is aborted, none of it.
 * @returns the servers that this call has started
 * @throws Error naming each port that something else holds, before anything is started
 */
export async function startLocalServers(
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<readonly LocalServer[]> {
  const missing = LOCAL_SERVERS.filter(({ name }) => startedServer(name) === undefined);
  requireFreePorts(missing);
  mkdirSync(RECORD_DIR, { recursive: true });
  const failure = new AbortController();
  const giveUp = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const starts = LOCAL_SERVERS.map(async (server) => {
    if (missing.includes(server)) return startLocalServer(server, say, giveUp);
    await answered(server, giveUp);
    say(`${server.name} is up already, on port ${server.port}`);
  });
  try {
    await Promise.all(starts);
  } catch (error) {
    failure.abort();
    await Promise.allSettled(starts);
    await stopLocalServers(say, missing);
    throw error;
  }
  return missing;
}

async function startLocalServer(
  { name, port, start }: LocalServer,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { pid } = await start({
    dataDir: dataDirOf(name),
    port,
    logFile: join(LOG_DIR, `${name}.log`),
    detached: true,
    onSpawn: (server) => recordStarted(name, server),
    signal,
  });
  say(`${name} is up on port ${port} (pid ${pid})`);
}

/** Waits for a server that was started from here and may still be on its way up. */
async function answered({ name, port, answers }: LocalServer, signal: AbortSignal): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(port))) {
    if (Date.now() > deadlineMs)
      throw new Error(`${name} runs, but does not answer on port ${port}: make down ends it`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Of this checkout alone. */
const OUTSIDE_DIR = join("/var/lib/greenlane", createHash("sha256").update(DATA_DIR).digest("hex").slice(0, 12));

/** A server's data lies in the checkout; Postgres's outside, where its user may not enter that: in root's home. */
function dataDirOf(name: LocalServer["name"]): string {
  if (name !== "postgres" || postgresMayEnter(DATA_DIR)) return join(DATA_DIR, name);
  return join(OUTSIDE_DIR, name);
}

/** Removes all that the local servers and services have left. They must be down. */
export function removeData(): void {
  for (const folder of [DATA_DIR, OUTSIDE_DIR]) rmSync(folder, { recursive: true, force: true });
}

/** Ends the servers that were started from here; their data stays. */
export async function stopLocalServers(say: (line: string) => void, servers = LOCAL_SERVERS): Promise<void> {
  for (const { name } of servers.toReversed()) {
    const started = startedServer(name);
    if (started !== undefined) {
      await stopServer(started);
      say(`${name} is down`);
    }
    rmSync(recordOf(name), { force: true });
  }
}

/** The logs of one local server, or of all. @throws Error for a server that isn't one, or where none was started yet */
export function localLogs(name: string | undefined): string[] {
  const names = LOCAL_SERVERS.map((server) => server.name).filter((each) => name === undefined || each === name);
  if (names.length === 0) throw new Error(`no server is called ${name}`);
  const logs = names.map((each) => join(LOG_DIR, `${each}.log`)).filter((file) => existsSync(file));
  if (logs.length === 0) throw new Error("there is no log yet; make up starts the servers");
  return logs;
}
