import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addBook } from "./commands/book.ts";
import { addBookings } from "./commands/bookings.ts";
import { addCancel } from "./commands/cancel.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addFleetNear } from "./commands/fleetNear.ts";
import { addFleetShow } from "./commands/fleetShow.ts";
import { addFleetSilent } from "./commands/fleetSilent.ts";
import { addLab } from "./commands/lab.ts";
import { addLive } from "./commands/live.ts";
import { addPrices } from "./commands/prices.ts";
import { addSessions } from "./commands/sessions.ts";
import { addStationSet } from "./commands/stationSet.ts";
import { addStations } from "./commands/stations.ts";
import { addTail } from "./commands/tail.ts";
import { addTopics } from "./commands/topics.ts";
import { EXIT, EXIT_CODES_HELP, endOf } from "./failures.ts";
import { escapedLines } from "./format/escape.ts";
import type { Terminal } from "./terminal.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** Runs the command that the arguments name. Never rejects. @returns the exit code */
export async function greenlane(args: string[], terminal: Terminal): Promise<number> {
  let help = "";
  let faults = "";
  const program = new Command("greenlane")
    .description("Watches a fleet of electric cars, asks about it, and books its charging.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
      writeErr: (text) => {
        faults += escapedLines(text);
      },
    })
    .addHelpText("afterAll", `\n${EXIT_CODES_HELP}`);
  addLive(program, terminal);
  const fleet = program.command("fleet").description("where the cars are and how they are");
  addFleetNear(fleet, terminal);
  addFleetShow(fleet, terminal);
  addFleetSilent(fleet, terminal);
  addStations(program, terminal);
  const station = program.command("station").description("takes stations out of order, and back");
  addStationSet(station, terminal);
  addBookings(program, terminal);
  addBook(program, terminal);
  addCancel(program, terminal);
  addPrices(program, terminal);
  addSessions(program, terminal);
  addTopics(program, terminal);
  addTail(program, terminal);
  addDoctor(program, terminal);
  addLab(program, terminal);

  let exitCode: number = EXIT.done;
  try {
    await program.parseAsync(args, { from: "user" }).finally(() => help !== "" && terminal.out.write(help));
  } catch (error) {
    const end = endOf(error);
    exitCode = end.exitCode;
    if (end.message !== undefined) faults += `greenlane: ${escapedLines(end.message)}\n`;
  }
  if (faults !== "") await terminal.err.write(faults).catch(() => undefined); // nobody is left to be told
  return exitCode;
}
