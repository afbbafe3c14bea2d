import { writeFileSync } from "node:fs";
import { judgeHerd } from "@greenlane/lab";
import { announceEngine } from "@greenlane/local-servers";
import { type ProgramRun, runProgram, startOwnServers } from "@greenlane/stage";
import { readHerdConfig } from "./config.ts";
import { faultsOf, type HerdRun, startHerdRuns } from "./herdRun.ts";
import { asDocument, runLine, runTable, totalsTable } from "./report.ts";

const print = (text: string) => void process.stdout.write(`${text}\n`);

/** @returns the exit code */
async function herds({ say, opened }: ProgramRun): Promise<number> {
  const config = readHerdConfig();
  announceEngine(say);
  const servers = opened.use(await startOwnServers());
  const { CARS: cars, STATIONS: stations, CONNECTORS: connectors, PROCESSES: processes, CHAOS: chaos } = config;
  const options = { cars, stations, connectors, processes, rate: config.RATE, chaos };
  say(`starting ${processes} booking ${processes === 1 ? "process" : "processes"} on servers of their own`);
  const runs = opened.use(await startHerdRuns(servers, options));
  const done: HerdRun[] = [];
  for (let seed = config.SEED; seed < config.SEED + config.SEEDS; seed++) {
    const run = await runs.run(seed);
    done.push(run);
    if (config.SEEDS > 1 && !config.JSON) print(runLine(run));
    for (const fault of faultsOf(run)) say(`seed ${seed}: FAULT: ${fault}`);
  }
  const [first] = done;
  if (first === undefined) return 1;
  if (config.OUT !== undefined) writeFileSync(config.OUT, `${JSON.stringify(first.record)}\n`);
  const judgement = done.length === 1 ? judgeHerd(first.record) : undefined;
  if (config.JSON) print(JSON.stringify(asDocument(options, done, judgement)));
  else print(done.length === 1 ? runTable(options, first, judgement) : totalsTable(done));
  return done.every((run) => faultsOf(run).length === 0) ? 0 : 1;
}

await runProgram("herd", herds);
