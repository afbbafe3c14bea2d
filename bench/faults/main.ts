import { relative } from "node:path";
import { announceEngine } from "@greenlane/local-servers";
import { type ProgramRun, runProgram } from "@greenlane/stage";
import { keepRun } from "../keptRuns.ts";
import type { Machine } from "../machine.ts";
import { playFaults } from "./chaosRun.ts";
import { isWhole, readChaosConfig } from "./config.ts";
import { FAULTS } from "./faults.ts";
import { asMarkdown, type ChaosRun, roundLine, troubles } from "./report.ts";
import type { Round } from "./round.ts";

const print = (text: string) => void process.stdout.write(text);

/** @returns the exit code: 1 when something is not as it must be, or took too long to mend itself */
async function chaos({ say, opened }: ProgramRun): Promise<number> {
  const config = readChaosConfig();
  announceEngine(say);
  const { ONLY: only } = config;
  const wanted = FAULTS.filter(({ name }) => only.length === 0 || only.some((part) => name.startsWith(part)));
  const leftOut = wanted.flatMap(({ name, impossible }) => {
    const why = impossible?.();
    return why === undefined ? [] : [{ name, why }];
  });
  for (const { name, why } of leftOut) say(`${name} is left out: ${why}`);
  const load = {
    cars: config.CARS,
    eventsPerSecond: config.EVENTS_PER_SECOND,
    bookingsPerSecond: config.BOOKINGS_PER_SECOND,
  };
  const lastsMs = config.SECONDS * 1_000;
  const rounds: Round[] = [];
  const startedAt = new Date().toISOString();
  let machine: Machine | undefined;
  const faults = wanted.filter(({ name }) => leftOut.every((other) => other.name !== name));
  const onMachine = (described: Machine) => {
    machine ??= described;
  };
  for await (const round of playFaults(faults, { ...load, lastsMs, say, opened, onMachine })) {
    rounds.push(round);
    say(roundLine(round));
  }
  const found = troubles(rounds);
  const run: ChaosRun = { startedAt, machine, load, lastsMs, rounds, leftOut, found };
  const file = relative(
    process.cwd(),
    keepRun({ folder: "chaos", scratch: "chaos", asMarkdown }, run, isWhole(config)),
  );
  print(config.JSON ? `${JSON.stringify(run)}\n` : asMarkdown(run));
  for (const trouble of found) say(`FAULT: ${trouble}`);
  say(`written to ${file}.json and .md`);
  return found.length === 0 ? 0 : 1;
}

await runProgram("chaos", chaos);
