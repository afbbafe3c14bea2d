import { DEVELOPMENT_API_TOKEN, PORTS } from "@greenlane/contracts";
import { Command, InvalidArgumentError } from "commander";
import { ReplayError, readReplay } from "./replay.ts";
import { fleetSource, type ReportSource, replaySource } from "./reportSource.ts";
import { runFleet } from "./run.ts";

const number = (min: number, max: number, whole: boolean) => (text: string) => {
  const value = Number(text);
  if (text.trim() === "" || !(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
    throw new InvalidArgumentError(`must be a ${whole ? "whole " : ""}number from ${min} to ${max}.`);
  }
  return value;
};

interface Flags {
  cars: number;
  rate: number;
  duration: number;
  seed: number;
  speedUp: number;
  target: string;
  bookingTarget: string;
  negotiate: boolean;
  topUp: number;
  token: string;
  prefix: string;
  connections: number;
  gateway: boolean;
  capacityKwh: number;
  kwhPerKm: number;
  replay?: string;
  summaryJson?: string;
  adminPort?: number;
}

const command = new Command("simulator")
  .description(
    "Drives a fleet of electric taxis through Manhattan streams its telemetry to ingestion and books its energy.",
  )
  .option("--cars <n>", "cars", number(1, 100_000, true), 25)
  .option("--rate <n>", "reports a second, per car", number(0.01, 1000, false), 1)
  .option("--duration <s>", "seconds; 0 runs until Ctrl-C", number(0, 1e9, false), 0)
  .option("--seed <n>", "the same seed gives the same fleet", number(0, 2 ** 32 - 1, true), 1)
  .option(
    "--speed-up <n>",
    "how many times as fast as the clock the cars drive and charge; slots are by the clock, so they leave early",
    number(0.1, 10_000, false),
    1,
  )
  .option("--target <host:port>", "ingestion's gRPC address", process.env.INGESTION_TARGET ?? `localhost:${PORTS.grpc}`)
  .option(
    "--booking-target <host:port>",
    "the booking process's gRPC address",
    process.env.BOOKING_TARGET ?? `localhost:${PORTS.negotiation}`,
  )
  .option("--no-negotiate", "charge at the nearest station, without a booking")
  .option("--top-up <percent>", "what a car asks for at the most, % of its battery", number(0.01, 100, false), 100)
  .option("--token <token>", "API token", process.env.API_TOKEN ?? DEVELOPMENT_API_TOKEN)
  .option("--prefix <text>", "what car ids begin with", "CAR-")
  .option("--connections <n>", "connections that the cars' streams share", number(1, 1000, true), 4)
  .option("--gateway", "a gateway for all cars of a connection, which sends batches, in place of a stream a car", false)
  .option("--capacity-kwh <n>", "battery capacity", number(1, 1000, false), 50)
  .option("--kwh-per-km <n>", "consumption", number(0.01, 10, false), 0.18)
  .option("--replay <file>", "plays a recording: car_id,lat,lon,battery,velocity,timestamp")
  .option("--summary-json <file>", "writes what was sent and acked at the end")
  .option("--admin-port <n>", "serves /health, /ready and /metrics there", number(1, 65_535, true))
  .addHelpText(
    "after",
    "\nExample: simulator --cars 500 --rate 10 --duration 60\nExit codes: 0 all was acked, 1 reports were left unacked, 2 bad usage",
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();

const flags = command.opts<Flags>();
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
const say = (line: string) => void process.stderr.write(`simulator: ${line}\n`);

function openSource(): ReportSource {
  if (flags.replay === undefined) return fleetSource({ ...flags, topUpPercent: flags.topUp });
  const { items, dropped } = readReplay(flags.replay);
  if (dropped > 0)
    say(`${dropped} of ${items.length + dropped} recorded reports repeat a car's moment and are left out`);
  return replaySource(items, flags.speedUp);
}

try {
  const source = openSource();
  const unacked = await runFleet(source, {
    target: flags.target,
    bookingTarget: flags.bookingTarget,
    token: flags.token,
    connections: Math.min(flags.connections, source.carIds.length),
    gateway: flags.gateway,
    durationS: flags.duration,
    summaryJson: flags.summaryJson,
    admin: flags.adminPort === undefined ? undefined : { host: "0.0.0.0", port: flags.adminPort },
    signal: stop.signal,
    say,
  });
  if (unacked > 0) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof ReplayError)) throw error;
  command.error(`error: --replay: ${error.message}`, { exitCode: 2 });
}
