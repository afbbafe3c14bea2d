import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

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
}

/** A server that has answered. */
export interface RunningServer {
  pid: number;
  /** Where clients reach it. */
  url: string;
}

export interface Command {
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** The user to run as, where this process may choose. */
  user?: { uid: number; gid: number };
}

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** Starts a server and waits until `answers` holds. @throws Error with the end of its log when it ends or stays silent */
export async function startServer(
  spec: ServerSpec,
  command: Command,
  answers: () => Promise<boolean>,
): Promise<number> {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const log = openSync(spec.logFile, "a");
  const child = spawn(command.command, command.args, {
    detached: spec.detached,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...command.env },
    cwd: spec.dataDir,
    ...command.user,
  });
  closeSync(log);
  const pid = await spawned(child);
  if (spec.detached) child.unref();
  else killAtExit(child);
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (!(await answers())) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadlineMs) {
      child.kill("SIGKILL");
      throw new Error(
        `${command.command} did not come up on port ${spec.port}; its log ends:\n${logTail(spec.logFile)}`,
      );
    }
    await sleep(POLL_MS);
  }
  return pid;
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

/** Asks a process to end, and ends it when it has not within the time given. */
export async function stopServer(pid: number, signal: NodeJS.Signals = "SIGTERM", timeoutMs = 15_000): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, signal);
  const deadlineMs = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadlineMs) process.kill(pid, "SIGKILL");
    await sleep(POLL_MS);
  }
}
