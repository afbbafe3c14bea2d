import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { LOG_DIR, logTail } from "@greenlane/local-servers";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 12_000;

export interface Program {
  name: string;
  /** Path from the root of the checkout, then arguments. */
  args: string[];
  env?: Record<string, string>;
  /** Where it shows its output, and its errors; left out: a log file. */
  output?: "inherit";
  errors?: "inherit";
}

/** The processes of one run: each in a process group of its own, ended in reverse order. */
export class Children {
  readonly #running: { name: string; child: ChildProcess }[] = [];

  start(program: Program): ChildProcess {
    mkdirSync(LOG_DIR, { recursive: true });
    const log = openSync(join(LOG_DIR, `${program.name}.log`), "w");
    const child = spawn(process.execPath, program.args, {
      cwd: ROOT,
      // A terminal's Ctrl-C reaches this process only, which ends the others in their order.
      detached: true,
      stdio: ["ignore", program.output ?? log, program.errors ?? log],
      env: { ...process.env, ...program.env },
    });
    closeSync(log);
    this.#running.push({ name: program.name, child });
    return child;
  }

  /** Starts a service and waits until it says that it is ready. @throws Error with the end of its log */
  async startService(program: Program, port: number): Promise<ChildProcess> {
    const child = this.start(program);
    const deadlineMs = Date.now() + READY_TIMEOUT_MS;
    while (!(await isReady(port))) {
      if (child.exitCode !== null || Date.now() > deadlineMs) {
        throw new Error(
          `${program.name} did not become ready; its log ends:\n${logTail(join(LOG_DIR, `${program.name}.log`))}`,
        );
      }
      await sleep(50);
    }
    return child;
  }

  /** SIGTERM, newest first; SIGKILL for what has not ended in time. */
  async stopAll(): Promise<void> {
    for (const { child } of this.#running.splice(0).reverse()) await stop(child);
  }
}

/** Kills at once every process that this one started and that lives: services, and servers still on their way up too. */
export function killAllStarted(): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (parentOf(pid) === process.pid) process.kill(Number(pid), "SIGKILL");
  }
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // ended meanwhile
  }
}

/** Asks a child to end and waits until it has. */
export async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  child.kill("SIGTERM");
  const deadlineMs = Date.now() + STOP_TIMEOUT_MS;
  while (!hasEnded(child)) {
    if (Date.now() > deadlineMs) child.kill("SIGKILL");
    await sleep(20);
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false; // not listening yet
  }
}
