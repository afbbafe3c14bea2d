import { announceEngine } from "@greenlane/local-servers";
import { type ProgramRun, runProgram } from "@greenlane/stage";
import { playFaults } from "./chaosRun.ts";
import { readChaosConfig } from "./config.ts";
import { FAULTS } from "./faults.ts";
import { roundLine, table, troubles } from "./report.ts";
import type { Round } from "./round.ts";

const print = (text: string) => void process.stdout.write(`${text}\n`);

/** @returns the exit code */
async function chaos({ say, opened }: ProgramRun): Promise<number> {
  const config = readChaosConfig();
  announceEngine(say);
  const { ONLY: only } = config;
  const wanted = FAULTS.filter(({ name }) => only.length === 0 || only.some((part) => name.startsWith(part)));
  const faults = wanted.filter(({ name, impossible }) => {
    const why = impossible?.();
    if (why !== undefined) say(`${name} is left out: ${why}`);
    return why === undefined;
  });
  const options = {
    cars: config.CARS,
    eventsPerSecond: config.EVENTS_PER_SECOND,
    bookingsPerSecond: config.BOOKINGS_PER_SECOND,
    lastsMs: config.SECONDS * 1_000,
  };
  const rounds: Round[] = [];
  for await (const round of playFaults(faults, { ...options, say, opened })) {
    rounds.push(round);
    say(roundLine(round));
  }
  const found = troubles(rounds);
  if (config.JSON) print(JSON.stringify({ ...options, rounds, found }));
  else print(table(rounds));
  for (const trouble of found) say(`FAULT: ${trouble}`);
  return found.length === 0 ? 0 : 1;
}

await runProgram("chaos", chaos);
