import { announceEngine } from "@greenlane/local-servers";
import { type ProgramRun, runProgram, startOwnServers } from "@greenlane/stage";
import { Stage } from "../figures/stage.ts";
import { readSoakConfig } from "./config.ts";
import { soakTable, soakTroubles } from "./report.ts";
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
  if (config.JSON) print(JSON.stringify({ ...run, troubles }));
  else {
    const { sent, acked } = run.counts;
    print(
      `${run.minutes.toFixed(1)} minutes, ${sent} events sent, ${acked} acked; growth is what came after the first\n`,
    );
    print(soakTable(run));
  }
  for (const trouble of troubles) say(`FAULT: ${trouble}`);
  return troubles.length === 0 ? 0 : 1;
}

await runProgram("soak", main);
