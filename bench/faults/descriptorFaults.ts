import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultStage } from "./fault.ts";
import { titleOf } from "./services.ts";

/** More than the others have room for. */
const VISITORS = 100;

const prlimit = (pid: number, ...args: string[]) =>
  execFileSync("prlimit", ["--pid", `${pid}`, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

function impossible(): string | undefined {
  try {
    prlimit(process.pid, "--nofile");
    return undefined;
  } catch (error) {
    return `prlimit does not work here: ${error instanceof Error ? error.message : error}`;
  }
}

/** Takes a process the right to open more files than it has open. @returns what gives it back */
function exhaust(pid: number): () => void {
  const before = prlimit(pid, "--nofile", "--raw", "--noheadings", "--output", "SOFT").trim();
  const open = readdirSync(`/proc/${pid}/fd`).length;
  prlimit(pid, `--nofile=${Math.floor(open / 2)}:`);
  return () => void prlimit(pid, `--nofile=${before}:`);
}

/** Strangers who only connect. */
function visit(port: number): Socket[] {
  return Array.from({ length: VISITORS }, () => {
    const socket = createConnection(port, "127.0.0.1");
    return socket.on("error", () => socket.destroy());
  });
}

/** The services that cannot open a file or a connection, while theirs to the database break and strangers come. */
export const descriptorFaults: Fault[] = (["ingestion", "worker", "booking"] as const).map((service) => ({
  name: `${service}-descriptors`,
  title: `file descriptors of ${titleOf(service)} exhausted`,
  impossible,
  strike: async (stage: FaultStage, lastsMs: number) => {
    const { adminPort, grpcPort, pid } = stage[service];
    const giveBack = exhaust(pid());
    const visitors = visit(service === "worker" ? adminPort : grpcPort);
    await stage.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND application_name <> 'chaos' AND pid <> pg_backend_pid()`,
    );
    await sleep(lastsMs);
    giveBack();
    for (const visitor of visitors) visitor.destroy();
    return { overAtMs: Date.now(), found: [] };
  },
}));
