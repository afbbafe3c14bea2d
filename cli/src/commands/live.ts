import { decodeTelemetry, encodeTelemetry, type Telemetry, TOPICS } from "@greenlane/contracts";
import { distanceKm } from "@greenlane/domain";
import type { TopicReader } from "@greenlane/kafka";
import { Chalk } from "chalk";
import type { Command } from "commander";
import { type Circle, circle, id, percent, withJson } from "../arguments.ts";
import { readConfig } from "../config.ts";
import { reasonOf } from "../failures.ts";
import { escaped } from "../format/escape.ts";
import { banner, EVENTS_A_RULE, liveLine, RULE } from "../format/liveLine.ts";
import { LineQueue } from "../lineQueue.ts";
import { LiveStatistics } from "../liveStatistics.ts";
import { atMost, kafkaAt, withReader } from "../servers.ts";
import type { JsonOption, Terminal } from "../terminal.ts";

interface LiveOptions extends JsonOption {
  car?: string;
  below?: number;
  near?: Circle;
  fromBeginning?: true;
  color: boolean;
}

/** A view that is further behind than so many records, though it drops what it cannot show, skips to the newest. */
const MAX_BEHIND = 100_000;
/** What is on its way when the view ends gets so long. */
const FLUSH_MS = 1_000;

export function addLive(program: Command, terminal: Terminal): void {
  withJson(program.command("live"), {
    example: "live --below 20 --near 40.72,-73.98,5",
    json: "one event a line: {car_id, lat, lon, battery, velocity, timestamp, event_type, …}, as in the topic fleet-events",
  })
    .description("the fleet's events as they come, until Ctrl-C")
    .option("--car <id>", "only this car", id)
    .option("--below <percent>", "only cars below this charge", percent)
    .option("--near <lat,lon,km>", "only cars near a place", circle)
    .option("--from-beginning", "all that the log holds first")
    .option("--no-color", "without colour, as with NO_COLOR set or into a pipe")
    .action((options: LiveOptions) => {
      const config = readConfig(terminal.env);
      return withReader(config, TOPICS.fleetEvents, (reader) => live(reader, options, terminal, kafkaAt(config)));
    });
}

function isWanted(t: Telemetry, { car, below, near }: LiveOptions): boolean {
  if (car !== undefined && t.carId !== car) return false;
  if (below !== undefined && t.batteryPercent >= below) return false;
  return near === undefined || distanceKm(t, near) <= near.km;
}

async function live(reader: TopicReader, options: LiveOptions, terminal: Terminal, kafka: string): Promise<void> {
  const colour = options.color && terminal.out.isTerminal && !terminal.env.NO_COLOR;
  const chalk = new Chalk(colour ? {} : { level: 0 });
  const failed = new AbortController();
  const stop = AbortSignal.any([terminal.interruption(), failed.signal]);
  const stopped = new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));

  /** A word about the view itself: among its lines, or beside them where these are for a program. */
  const note = (text: string): string => {
    if (!options.json) return chalk.dim(`… ${text}`);
    terminal.err.write(`greenlane: ${text}\n`).catch((error: unknown) => failed.abort(error));
    return "";
  };
  const noted = (text: string) => {
    const line = note(text);
    if (line !== "") queue.push(line);
  };
  const queue = new LineQueue(terminal.out, {
    gap: (lines) => {
      const line = note(
        `${lines} events not shown: this ${terminal.out.isTerminal ? "terminal" : "reader"} is too slow`,
      );
      return line === "" ? "" : `${line}\n`;
    },
    onFailure: (error) => failed.abort(error),
  });
  const statistics = new LiveStatistics();
  const show = (t: Telemetry) => {
    statistics.count(t);
    if (options.json) return queue.push(escaped(encodeTelemetry(t)));
    const rule = statistics.events % EVENTS_A_RULE === 0 ? `\n${chalk.dim(RULE)}` : "";
    queue.push(`${liveLine(t, chalk)}${rule}`);
  };

  const places = await reader.offsets();
  if (!options.json) queue.push(banner(chalk));
  const following = reader.follow({
    from: new Map(places.map(({ partition, low, high }) => [partition, options.fromBeginning ? low : high])),
    signal: stop,
    onAway: (error) => noted(`${kafka} is away, its events follow when it is back: ${escaped(reasonOf(error))}`),
    onBack: () => noted(`${kafka} is back`),
  });
  let history = options.fromBeginning === true;
  for await (const { records, positions, behind, skipToEnd } of following) {
    for (const { value } of records) {
      const decoded = decodeTelemetry(value);
      if (decoded.kind === "poison") statistics.unreadable++;
      else if (decoded.kind === "telemetry" && isWanted(decoded.telemetry, options)) show(decoded.telemetry);
      // What was asked for from the past is shown in full, at the reader's pace.
      if (history && queue.isFilling) await Promise.race([queue.flushed(), stopped]);
    }
    history &&= places.some(({ partition, high }) => (positions.get(partition) ?? 0) < high);
    if (!history && behind > MAX_BEHIND) {
      statistics.skipped += behind;
      skipToEnd();
      noted(`${behind} records skipped: this view was too far behind`);
    }
  }
  if (failed.signal.aborted) throw failed.signal.reason;
  if (!options.json) queue.push(`\n${chalk.bold("Statistics")}\n${statistics.text(queue.dropped)}`.trimEnd());
  await atMost(FLUSH_MS, queue.flushed());
  if (options.json && queue.dropped > 0) {
    await atMost(FLUSH_MS, terminal.err.write(`greenlane: ${queue.dropped} events not shown in all\n`));
  }
}
