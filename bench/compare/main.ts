import { resolve } from "node:path";
import { announceEngine } from "@greenlane/local-servers";
import { type ProgramRun, runProgram } from "@greenlane/stage";
import { runBench } from "../benchRun.ts";
import { readBenchConfig } from "../config.ts";
import { markdownTable } from "../markdownTable.ts";
import type { BenchRun } from "../report.ts";
import { type Comparison, compareRuns } from "./compareRuns.ts";
import { readCompareConfig } from "./config.ts";
import { readRun, runFiles, storeRun } from "./storedRuns.ts";

/** Enough to tell a fifth, about. */
const QUICK = { SECONDS: "15", EVENTS: "200000" };

async function runToCompare(file: string | undefined, parts: ProgramRun): Promise<BenchRun> {
  if (file !== undefined) return readRun(file);
  announceEngine(parts.say);
  const run = await runBench(readBenchConfig({ ...QUICK, ...process.env }), parts);
  storeRun(run);
  return run;
}

const percent = (share: number) => `${share > 0 ? "+" : ""}${(100 * share).toFixed(0)} %`;

const table = (compared: Comparison[]) =>
  markdownTable(compared, [
    { title: "figure", of: ({ what }) => what },
    { title: "of the floor, before", isNumber: true, of: ({ before }) => before.toFixed(2) },
    { title: "now", isNumber: true, of: ({ now }) => now.toFixed(2) },
    { title: "change", isNumber: true, of: ({ change, isRegression }) => percent(change) + (isRegression ? " ✗" : "") },
  ]);

/** @returns the exit code: 1 when a figure fell, or a count does not reconcile */
async function compare(parts: ProgramRun): Promise<number> {
  const { BASELINE: given, RUN: file, TOLERANCE: tolerance } = readCompareConfig();
  const baseline = given ?? runFiles().find((stored) => file === undefined || stored !== resolve(file));
  if (baseline === undefined) throw new Error("bench/results holds no run to compare with; make bench makes one");
  const before = readRun(baseline);
  const now = await runToCompare(file, parts);
  const { compared, onlyBefore, onlyNow } = compareRuns(before, now, tolerance / 100);
  process.stdout.write(`Compared with the run of ${before.startedAt}:\n\n${table(compared)}\n`);
  if (onlyBefore.length > 0) parts.say(`only in the earlier run: ${onlyBefore.join(", ")}`);
  if (onlyNow.length > 0) parts.say(`only in this run: ${onlyNow.join(", ")}`);
  const regressions = compared.filter(({ isRegression }) => isRegression);
  for (const { id, change } of regressions) parts.say(`REGRESSION: ${id}: ${percent(change)} beside its floor`);
  for (const fault of now.faults) parts.say(`FAULT: ${fault}`);
  return regressions.length + now.faults.length === 0 ? 0 : 1;
}

await runProgram("bench-compare", compare);
