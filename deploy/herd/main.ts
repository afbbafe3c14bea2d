import { writeFileSync } from "node:fs";
import { judgeHerd } from "@greenlane/lab";
import { ConfigError, unlessAborted } from "@greenlane/runtime";
import { killAllStarted } from "../demo/children.ts";
import { announceEngine } from "../infra/servers.ts";
import { type HerdConfig, readHerdConfig } from "./config.ts";
import { faultsOf, type HerdRun, startHerdRuns } from "./herdRun.ts";
import { asDocument, runLine, runTable, totalsTable } from "./report.ts";
import { startHerdServers } from "./servers.ts";

const EXIT_CONFIG = 78;
const INTERRUPTED = 130;

const say = (line: string) => void process.stderr.write(`herd: ${line}\n`);
const print = (text: string) => void process.stdout.write(`${text}\n`);
const interrupted = new AbortController();

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) {
      killAllStarted();
      process.exit(INTERRUPTED);
    }
    say("ending the run (once more: at once)");
    interrupted.abort();
  });
}
// Nobody reads any more (`make herd | head`): that ends the run as Ctrl-C does.
for (const output of [process.stdout, process.stderr]) output.on("error", () => interrupted.abort());

/** @returns the exit code */
async function herds(config: HerdConfig, opened: AsyncDisposableStack): Promise<number> {
  announceEngine(say);
  const servers = opened.use(await startHerdServers());
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

async function main(): Promise<number> {
  const opened = new AsyncDisposableStack();
  try {
    return await unlessAborted(herds(readHerdConfig(), opened), interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) return INTERRUPTED;
    say(error instanceof Error ? error.message : String(error));
    return error instanceof ConfigError ? EXIT_CONFIG : 1;
  } finally {
    await opened.disposeAsync();
  }
}

process.exit(await main());
