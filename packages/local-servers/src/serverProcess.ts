import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** How a server is to be run: where its data and its log lie and which port it gets. */
export interface ServerSpec {
  /** Folder of the server's data; made when missing. */
  dataDir: string;
  /** Loopback port. */
  port: number;
  /** File that takes what the server prints. */
  logFile: string;
  /** true: the server lives on after this process; false: it dies with it. */
  detached: boolean;
  /** Told of the process as soon as there is one, before the server answers. */
  onSpawn?: (server: ServerProcess) => void;
  /** Gives the start up: the process is ended and the start rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface ServerProcess {
  pid: number;
  /** The signal at which it ends cleanly and soon. */
  stopSignal: NodeJS.Signals;
}

/** A server that has answered. */
export interface RunningServer extends ServerProcess {
  /** Where clients reach it. */
  url: string;
}

export interface Command {
  command: string;
  args: string[];
  /** The user to run as, where this process may choose. */
  user?: { uid: number; gid: number };
  /** SIGTERM when left out. */
  stopSignal?: NodeJS.Signals;
}

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

const execute = promisify(execFile);

/**
 * Runs a program that prepares a server's data to its end.
 * @throws Error with what it printed when it fails; the reason of `spec.signal` when that was aborted, after its end
 */
export async function runProgram(spec: ServerSpec, { command, args, user }: Command): Promise<void> {
  spec.signal?.throwIfAborted();
  const running = execute(command, args, { cwd: spec.dataDir, ...user });
  const end = () => running.child.kill();
  spec.signal?.addEventListener("abort", end);
  try {
    await running;
  } catch (error) {
    throw spec.signal?.aborted ? spec.signal.reason : error;
  } finally {
    spec.signal?.removeEventListener("abort", end);
  }
}

/**
 * Starts a server and waits until `answers` holds.
 * @throws Error with the end of its log when it ends or stays silent; the reason of `spec.signal` when that was aborted
 */
export async function startServer(
  spec: ServerSpec,
  command: Command,
  answers: () => Promise<boolean>,
): Promise<ServerProcess> {
  spec.signal?.throwIfAborted();
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const log = openSync(spec.logFile, "a");
  const child = spawn(command.command, command.args, {
    detached: spec.detached,
    stdio: ["ignore", log, log],
    cwd: spec.dataDir,
    ...command.user,
  });
  closeSync(log);
  const server: ServerProcess = { pid: await spawned(child), stopSignal: command.stopSignal ?? "SIGTERM" };
  spec.onSpawn?.(server);
  if (spec.detached) child.unref();
  else killAtExit(child);
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (!(await answers())) {
    if (spec.signal?.aborted) {
      await stopServer(server);
      throw spec.signal.reason;
    }
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadlineMs) {
      child.kill("SIGKILL");
      throw new Error(
        `${command.command} did not come up on port ${spec.port}; its log ends:\n${logTail(spec.logFile)}`,
      );
    }
    await sleep(POLL_MS);
  }
  return server;
}

function spawned(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => (child.pid === undefined ? reject(new Error("no pid")) : resolve(child.pid)));
  });
}

const owned = new Set<ChildProcess>();

function killOwned(): void {
  for (const server of owned) server.kill("SIGKILL");
}

function killAtExit(child: ChildProcess): void {
  if (owned.size === 0) process.once("exit", killOwned);
  owned.add(child);
  child.once("exit", () => {
    owned.delete(child);
    if (owned.size === 0) process.off("exit", killOwned);
  });
}

/** The last lines of a log. */
export function logTail(file: string, lines = 15): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

/** Whether a process lives; a zombie counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}

/**
 * When a process began, in the kernel's ticks since boot; undefined when there is no such process. A pid is given to
 * another process some day; a pid together with its beginning is not.
 */
export function startTicks(pid: number): number | undefined {
  if (!isAlive(pid)) return undefined;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
}

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on

/** When a process began, Unix ms, to about 10 ms; undefined when there is no such process. */
export function startedAtMs(pid: number): number | undefined {
  const ticks = startTicks(pid);
  if (ticks === undefined) return undefined;
  const uptimeS = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  return Date.now() - (uptimeS - ticks / TICKS_PER_SECOND) * 1_000;
}

/** Asks a server to end, and ends it when it has not within the time given. */
export async function stopServer({ pid, stopSignal }: ServerProcess, timeoutMs = 15_000): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, stopSignal);
  const deadlineMs = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadlineMs) process.kill(pid, "SIGKILL");
    await sleep(POLL_MS);
  }
}
