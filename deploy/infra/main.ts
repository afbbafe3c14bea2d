import { rmSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { chooseEngine, compose } from "./engine.ts";
import { DATA_DIR, followLogs, startLocalServers, stopLocalServers } from "./localServers.ts";
import { prepareServers } from "./prepare.ts";
import { printStatus } from "./status.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

function choose() {
  const choice = chooseEngine();
  say(`Infrastructure: ${choice.engine} (${choice.why})`);
  return choice.engine;
}

async function up(): Promise<void> {
  if (choose() === "docker") compose("up", "-d", "--wait");
  else await startLocalServers(say);
  await prepareServers(say);
}

async function down(): Promise<void> {
  if (choose() === "docker") compose("down");
  else await stopLocalServers(say);
}

/** What docker-compose.yml calls a server that has another name here. */
const COMPOSE_NAMES: Record<string, string> = { kafka: "redpanda", postgres: "timescale" };

function logs(server: string | undefined): void {
  if (choose() === "local") followLogs(server);
  else compose("logs", "--follow", "--tail=50", ...(server === undefined ? [] : [COMPOSE_NAMES[server] ?? server]));
}

async function clean(): Promise<void> {
  if (process.env.FORCE !== "1") {
    const dialogue = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await dialogue.question("Remove all data of the local servers, or the containers' volumes? [y/N] ");
    dialogue.close();
    if (!/^y(es)?$/i.test(answer.trim())) return say("nothing was removed");
  }
  if (choose() === "docker") compose("down", "--volumes");
  else await stopLocalServers(say);
  rmSync(DATA_DIR, { recursive: true, force: true });
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
  .description("each server and service")
  .action(() => printStatus(say));
program.command("logs [server]").description("follow the log of one server, or of all").action(logs);
program.command("clean").description("stop them and remove their data").action(clean);
try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
