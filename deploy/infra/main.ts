import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { announceEngine } from "@greenlane/local-servers";
import { Command } from "commander";
import { compose } from "./containers.ts";
import { localLogs, removeData, stopLocalServers } from "./localServers.ts";
import { prepareServers } from "./prepare.ts";
import { startServers } from "./servers.ts";
import { printStatus } from "./status.ts";

const INTERRUPTED = 130;

const say = (line: string) => void process.stdout.write(`${line}\n`);
process.stdout.on("error", () => process.exit(INTERRUPTED)); // nobody reads any more (`make status | head`)
const interrupted = new AbortController();

/** Lets a command that is interrupted undo what it has begun. */
function heedSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort());
}

async function up(): Promise<void> {
  heedSignals();
  const undo = await startServers(say, interrupted.signal);
  try {
    await prepareServers(say);
    interrupted.signal.throwIfAborted();
  } catch (error) {
    if (interrupted.signal.aborted) await undo();
    throw error;
  }
}

async function down(): Promise<void> {
  if (announceEngine(say) === "docker") await compose("down");
  else await stopLocalServers(say);
}

/** What docker-compose.yml calls a server that has another name here. */
const COMPOSE_NAMES: Record<string, string> = { kafka: "redpanda", postgres: "timescale" };

async function logs(server: string | undefined): Promise<void> {
  if (announceEngine(say) === "docker") {
    return compose("logs", "--follow", "--tail=50", ...(server === undefined ? [] : [COMPOSE_NAMES[server] ?? server]));
  }
  const tail = spawn("tail", ["-n", "50", "-F", ...localLogs(server)], { stdio: ["ignore", "inherit", "inherit"] });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => tail.kill());
  await once(tail, "exit");
}

async function clean(): Promise<void> {
  if (process.env.FORCE !== "1") {
    const dialogue = createInterface({ input: process.stdin, output: process.stdout });
    const noMore = once(dialogue, "close").then(() => "");
    const question = dialogue.question("Remove all data of the local servers, or the containers' volumes? [y/N] ");
    const answer = await Promise.race([question, noMore]);
    dialogue.close();
    if (!/^y(es)?$/i.test(answer.trim())) return say("nothing was removed (FORCE=1 removes without asking)");
  }
  if (announceEngine(say) === "docker") await compose("down", "--volumes");
  // Whatever is chosen now: servers may have been started here as processes before.
  await stopLocalServers(say);
  removeData();
  say("removed");
}

const program = new Command("infra").description("The servers that GreenLane stands on.");
program.command("up").description("start them and prepare topics and schema").action(up);
program.command("down").description("stop them; data stays").action(down);
program
  .command("restart")
  .description("down, then up")
  .action(async () => {
    await down();
    await up();
  });
program
  .command("status")
  .description("each server and service; exits 1 unless all are up")
  .action(async () => {
    if (!(await printStatus(say))) process.exitCode = 1;
  });
program.command("logs [server]").description("follow the log of one server, or of all").action(logs);
program.command("clean").description("stop them and remove their data").action(clean);
try {
  await program.parseAsync();
} catch (error) {
  if (interrupted.signal.aborted) process.exitCode = INTERRUPTED;
  else {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
