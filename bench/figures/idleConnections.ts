import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { LoadTool } from "../load/loadTool.ts";
import type { Effort, Figure, FigureResult } from "./figure.ts";
import { loadFaults } from "./loadSide.ts";
import { addressOf, type Stage } from "./stage.ts";

const CONNECTIONS = 10_000;
const MARK_MB = 600;
/** Open files that a process needs beside its connections. */
const OTHER_FILES = 500;

/** What a process holds of the machine's memory, MB. */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;
}

function openFilesLimit(): number {
  const [, hard = ""] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
}

/** Opens connections that report once and then keep still. @returns the memory of the process that they lead to, MB */
async function hold(stage: Stage, target: string, pid: number, connections: number, seconds: number) {
  const beforeMb = residentMb(pid);
  await using tool = await LoadTool.open(stage.plan([target], connections, connections));
  await tool.start({ kind: "once" });
  const counts = await tool.stop();
  await sleep(seconds * 1_000);
  const heldMb = residentMb(pid);
  await tool.close();
  return { beforeMb, heldMb, faults: loadFaults(counts) };
}

async function measureIdle(stage: Stage, { pieceSeconds }: Effort): Promise<FigureResult> {
  const connections = Math.min(CONNECTIONS, openFilesLimit() - OTHER_FILES);
  const appendedBefore = await stage.log.appended();
  const ingestion = await stage.ownIngestion();
  const held = await hold(stage, addressOf(ingestion), ingestion.pid(), connections, pieceSeconds);
  await ingestion.stop();
  const inLog = (await stage.log.appended()) - appendedBefore;
  await stage.log.clear();
  const echo = await stage.ownEcho();
  const bare = await hold(stage, echo.address, echo.pid, connections, pieceSeconds);
  await echo.stop();
  const faults = [...held.faults, ...bare.faults.map((fault) => `floor: ${fault}`)];
  if (inLog !== connections) faults.push(`${connections} cars reported once, ${inLog} events in the log`);
  return {
    faults,
    rows: [
      {
        id: "idle-connections",
        what: `memory of ingestion with ${connections.toLocaleString("en-US")} idle car connections`,
        unit: "MB",
        better: "less",
        ...(connections === CONNECTIONS && { mark: MARK_MB }),
        measured: held.heldMb,
        floor: { what: "bare grpc-js echo", value: bare.heldMb },
        cpuUs: {},
        notes: [`${held.beforeMb.toFixed(0)} MB before they came; the bare server ${bare.beforeMb.toFixed(0)} MB`],
      },
    ],
  };
}

/** What ingestion keeps in memory for cars that are connected and silent. */
export const idleConnectionsFigure: Figure = { name: "idle-connections", run: measureIdle };
