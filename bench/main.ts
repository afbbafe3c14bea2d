import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { announceEngine, DATA_DIR } from "@greenlane/local-servers";
import { type ProgramRun, runProgram } from "@greenlane/stage";
import { runBench } from "./benchRun.ts";
import { readBenchConfig } from "./config.ts";
import { asMarkdown, type BenchRun } from "./report.ts";

const RESULTS = join(import.meta.dirname, "results");
/** Where a run goes that was cut short. */
const SCRATCH = join(DATA_DIR, "bench");

const print = (text: string) => void process.stdout.write(text);

/** @returns where it was written, without the ending */
function keep(run: BenchRun): string {
  const folder = run.isWhole ? RESULTS : SCRATCH;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, run.startedAt.replace(/:\d\d\.\d+Z$/, "").replace(":", ""));
  writeFileSync(`${file}.json`, `${JSON.stringify(run, null, 1)}\n`);
  writeFileSync(`${file}.md`, asMarkdown(run));
  return relative(process.cwd(), file);
}

/** @returns the exit code: 1 when a count does not reconcile; no speed makes a run fail */
async function bench(parts: ProgramRun): Promise<number> {
  const { say } = parts;
  const config = readBenchConfig();
  announceEngine(say);
  const run = await runBench(config, parts);
  const file = keep(run);
  print(config.JSON ? `${JSON.stringify(run)}\n` : asMarkdown(run));
  for (const fault of run.faults) say(`FAULT: ${fault}`);
  say(`written to ${file}.json and .md`);
  return run.faults.length === 0 ? 0 : 1;
}

await runProgram("bench", bench);
