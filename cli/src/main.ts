import { ConfigError } from "@greenlane/runtime";
import { Command, InvalidArgumentError } from "commander";
import { fleetNear, fleetShow, fleetSilent } from "./commands/fleet.ts";
import { prices, sessions } from "./commands/history.ts";
import { type LiveOptions, live } from "./commands/live.ts";
import { topics } from "./commands/topics.ts";
import { columns, type Printout } from "./format/printout.ts";

const EXIT = { notFound: 1, badUsage: 2, unreachable: 3 } as const;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("must be a number.");
  return value;
}

function near(text: string): LiveOptions["near"] {
  const [latitude, longitude, km, ...rest] = text.split(",").map(number);
  if (latitude === undefined || longitude === undefined || km === undefined || rest.length > 0)
    throw new InvalidArgumentError("must be LAT,LON,KM.");
  return { latitude, longitude, km };
}

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function duration(text: string): number {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined)
    throw new InvalidArgumentError("must be a time such as 60s, 5m, 2h or 1d.");
  return Number(amount) * (UNITS_MS[unit] ?? 0);
}

async function show(asked: Promise<Printout>, options: { json?: boolean }): Promise<void> {
  const { rows, nothing, isFailure } = await asked;
  if (options.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
  else process.stdout.write(rows.length > 0 ? `${columns(rows)}\n` : `${nothing}\n`);
  if (isFailure) process.exitCode = EXIT.notFound;
}

const program = new Command("greenlane")
  .description("Watches and questions a fleet of electric cars.")
  .addHelpText("after", "\nExit codes: 0 done, 1 not found, 2 bad usage, 3 a server cannot be reached");
const command = (parent: Command, usage: string, about: string, example: string) =>
  parent
    .command(usage)
    .description(about)
    .option("--json", "as JSON")
    .addHelpText("after", `\nExample: greenlane ${example}`);

command(program, "live", "the fleet's events as they come", "live --below 20")
  .option("--car <id>", "only this car")
  .option("--below <percent>", "only cars below this charge", number)
  .option("--near <lat,lon,km>", "only cars near a place", near)
  .option("--from-beginning", "all that the log holds first")
  .option("--no-color", "without colour")
  .action(live);
const fleet = program.command("fleet").description("where the cars are and how they are");
command(fleet, "near <lat> <lon> <km>", "cars near a place", "fleet near 40.72 -73.98 2").action(
  (lat: string, lon: string, km: string, options: { json?: boolean }) =>
    show(fleetNear(number(lat), number(lon), number(km)), options),
);
command(fleet, "show <car>", "a car's last report", "fleet show CAR-001").action(
  (car: string, options: { json?: boolean }) => show(fleetShow(car), options),
);
command(fleet, "silent", "cars that stopped reporting", "fleet silent --for 60s")
  .option("--for <time>", "for at least this long", duration, 60_000)
  .action((options: { for: number; json?: boolean }) => show(fleetSilent(options.for), options));
command(program, "prices", "grid prices used", "prices").action((options: { json?: boolean }) =>
  show(prices(), options),
);
command(program, "sessions", "charging sessions", "sessions --car CAR-003 --since 2h")
  .option("--station <id>", "of this station")
  .option("--car <id>", "of this car")
  .option("--since <time>", "no older than", duration)
  .action(({ since, ...options }: { station?: string; car?: string; since?: number; json?: boolean }) =>
    show(sessions({ ...options, ...(since === undefined ? {} : { since: Date.now() - since }) }), options),
  );
command(program, "topics", "topics, offsets and consumer lag", "topics").action((options: { json?: boolean }) =>
  show(topics(), options),
);

program.configureOutput({ outputError: (text, write) => write(text) }).exitOverride((error) => {
  process.exit(error.exitCode === 0 ? 0 : EXIT.badUsage);
});
try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`greenlane: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof ConfigError ? EXIT.badUsage : EXIT.unreachable;
}
