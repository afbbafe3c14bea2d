import { setTimeout as sleep } from "node:timers/promises";
import { Latencies } from "../load/latencies.ts";
import { LoadTool } from "../load/loadTool.ts";
import type { LoadCounts, LoadPlan, Pace } from "../load/messages.ts";
import { addSpent, type CpuSpent, type Metered, startCpuMeter } from "./cpuMeter.ts";

/** A server under load: one side of a comparison. */
export interface LoadedSide {
  plan: LoadPlan;
  pace: Pace;
  /** Whose CPU time is told, beside the load's own. */
  processes: Metered[];
}

/** What a side did in all its measured pieces. */
export interface SideResult {
  acked: number;
  spanMs: number;
  latencies: Latencies;
  cpu: CpuSpent;
  /** When the first piece that is measured began, Unix ms. */
  measuredFromMs: number;
  /** Of the whole side, warm-up included. */
  counts: LoadCounts;
}

export const perSecond = ({ acked, spanMs }: Pick<SideResult, "acked" | "spanMs">) => (1_000 * acked) / spanMs;

/** Until a side that begins again is as busy as it gets. */
const RAMP_MS = 300;
const WARM_PIECES = 1;
const ROUNDS = 2;

/**
 * Loads some sides in turn (ABAB): each warms up for a piece, then each is measured for a piece, twice. While one is under
 * load the others keep their streams open, and still.
 */
export async function loadInTurn(sides: readonly LoadedSide[], pieceSeconds: number): Promise<SideResult[]> {
  await using opened = new AsyncDisposableStack();
  const running: Running[] = [];
  for (const side of sides) {
    const tool = opened.use(await LoadTool.open(side.plan));
    const processes = [...side.processes, { name: "load", pids: tool.pids }];
    running.push({ ...side, tool, processes, pieces: [] });
  }
  for (let round = 0; round < WARM_PIECES + ROUNDS; round++) {
    for (const side of running) {
      const piece = await measurePiece(side, pieceSeconds);
      if (round >= WARM_PIECES) side.pieces.push(piece);
    }
  }
  const results: SideResult[] = [];
  for (const { tool, pieces } of running) {
    const counts = await tool.stop();
    await tool.close();
    results.push({ ...sumOf(pieces), counts });
  }
  return results;
}

interface Running extends LoadedSide {
  tool: LoadTool;
  pieces: Piece[];
}

type Piece = Omit<SideResult, "counts">;

async function measurePiece({ tool, pace, processes }: Running, seconds: number): Promise<Piece> {
  await tool.start(pace);
  await sleep(RAMP_MS);
  await tool.sample();
  const measuredFromMs = Date.now();
  const spent = startCpuMeter(processes);
  await sleep(seconds * 1_000);
  const { acked, spanMs, latencies } = await tool.sample();
  const cpu = spent();
  await tool.stop();
  return { acked, spanMs, latencies, cpu, measuredFromMs };
}

function sumOf(pieces: readonly Piece[]): Piece {
  const sum = (count: (piece: Piece) => number) => pieces.reduce((total, piece) => total + count(piece), 0);
  return {
    acked: sum(({ acked }) => acked),
    spanMs: sum(({ spanMs }) => spanMs),
    latencies: pieces.reduce((all, { latencies }) => all.add(latencies.counts()), new Latencies()),
    cpu: addSpent(pieces.map(({ cpu }) => cpu)),
    measuredFromMs: Math.min(...pieces.map(({ measuredFromMs }) => measuredFromMs)),
  };
}

/** How the counts of a load contradict themselves, or what the log has of it; none when all that was sent is there. */
export function loadFaults(counts: LoadCounts, inLog?: number): string[] {
  const { sent, acked, rejected, wrong, failed, streamsLost } = counts;
  const faults: string[] = [];
  if (sent === 0) faults.push("nothing was sent");
  if (acked !== sent) faults.push(`${sent} sent, ${acked} acked, ${rejected} rejected, ${failed} without an answer`);
  if (wrong > 0) faults.push(`${wrong} answers name something that was not due`);
  if (streamsLost > 0) faults.push(`${streamsLost} streams ended before they were asked to`);
  if (inLog !== undefined && inLog !== sent) faults.push(`${sent} sent, ${inLog} in the log`);
  return faults;
}
