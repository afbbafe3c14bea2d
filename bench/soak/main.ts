import { announceEngine } from "@greenlane/local-servers";
import { type ProgramRun, runProgram, startOwnServers } from "@greenlane/stage";
import { writePart } from "../benchmarksPage.ts";
import { Stage } from "../figures/stage.ts";
import { readSoakConfig } from "./config.ts";
import { soakText, soakTroubles, TELLING_MINUTES } from "./report.ts";
import { soak } from "./soakRun.ts";

const print = (text: string) => void process.stdout.write(`${text}\n`);

/** @returns the exit code */
async function main({ say, opened }: ProgramRun): Promise<number> {
  const config = readSoakConfig();
  announceEngine(say);
  const servers = opened.use(await startOwnServers());
  const stage = opened.use(await Stage.open(servers));
  const run = await soak(stage, config, say);
  const troubles = soakTroubles(run);
  print(config.JSON ? JSON.stringify({ ...run, troubles }) : soakText(run));
  if (run.minutes >= TELLING_MINUTES && run.faults.length === 0) writePart("soak", soakText(run));
  for (const trouble of troubles) say(`FAULT: ${trouble}`);
  return troubles.length === 0 ? 0 : 1;
}

await runProgram("soak", main);
