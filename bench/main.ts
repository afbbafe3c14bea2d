import { relative } from "node:path";
import { announceEngine } from "@greenlane/local-servers";
import { type ProgramRun, runProgram } from "@greenlane/stage";
import { writePart } from "./benchmarksPage.ts";
import { runBench } from "./benchRun.ts";
import { capacityTables } from "./capacity.ts";
import { storeRun } from "./compare/storedRuns.ts";
import { readBenchConfig } from "./config.ts";
import { asMarkdown, type BenchRun, runText } from "./report.ts";

const print = (text: string) => void process.stdout.write(text);

/** A whole run is what BENCHMARKS.md shows. */
function writeBenchmarksPage(run: BenchRun): void {
  writePart("bench", `\`make bench\` of ${run.startedAt.slice(0, 10)}: ${runText(run)}`);
  const capacity = capacityTables(run);
  if (capacity !== undefined) writePart("capacity", capacity);
}

/** @returns the exit code: 1 when a count does not reconcile; no speed makes a run fail */
async function bench(parts: ProgramRun): Promise<number> {
  const { say } = parts;
  const config = readBenchConfig();
  announceEngine(say);
  const run = await runBench(config, parts);
  const file = relative(process.cwd(), storeRun(run));
  if (run.isWhole && run.faults.length === 0) writeBenchmarksPage(run);
  print(config.JSON ? `${JSON.stringify(run)}\n` : asMarkdown(run));
  for (const fault of run.faults) say(`FAULT: ${fault}`);
  say(`written to ${file}.json and .md`);
  return run.faults.length === 0 ? 0 : 1;
}

await runProgram("bench", bench);
