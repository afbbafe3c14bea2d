import { announceEngine } from "@greenlane/local-servers";
import { type ProgramRun, runProgram, startOwnServers } from "@greenlane/stage";
import { readFuzzConfig } from "./config.ts";
import { fuzz, reportLine } from "./fuzz.ts";
import { FuzzStage } from "./stage.ts";
import { TARGETS } from "./targets.ts";

const print = (text: string) => void process.stdout.write(`${text}\n`);

/** @returns the exit code */
async function fuzzAll({ say, opened }: ProgramRun): Promise<number> {
  const { TARGET, MINUTES, RUNS: runs, SEED: seed, REPLAY: replay } = readFuzzConfig();
  announceEngine(say);
  const stage = opened.use(new FuzzStage("fuzz", opened.use(await startOwnServers())));
  const bounds = { seed, runs, forMs: MINUTES * 60_000, replay };
  let failed = 0;
  for (const target of TARGETS.filter(({ name }) => TARGET === undefined || name === TARGET)) {
    say(`${target.about} (TARGET=${target.name} SEED=${seed})`);
    const report = await fuzz(target, stage, bounds);
    print(reportLine(report));
    if (report.failure !== undefined) failed++;
  }
  return failed === 0 ? 0 : 1;
}

await runProgram("fuzz", fuzzAll);
