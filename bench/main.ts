import { relative } from "node:path";
import { announceEngine } from "@greenlane/local-servers";
import { type ProgramRun, runProgram } from "@greenlane/stage";
import { runBench } from "./benchRun.ts";
import { storeRun } from "./compare/storedRuns.ts";
import { readBenchConfig } from "./config.ts";
import { asMarkdown } from "./report.ts";

const print = (text: string) => void process.stdout.write(text);

/** @returns the exit code: 1 when a count does not reconcile; no speed makes a run fail */
async function bench(parts: ProgramRun): Promise<number> {
  const { say } = parts;
  const config = readBenchConfig();
  announceEngine(say);
  const run = await runBench(config, parts);
  const file = relative(process.cwd(), storeRun(run));
  print(config.JSON ? `${JSON.stringify(run)}\n` : asMarkdown(run));
  for (const fault of run.faults) say(`FAULT: ${fault}`);
  say(`written to ${file}.json and .md`);
  return run.faults.length === 0 ? 0 : 1;
}

await runProgram("bench", bench);
