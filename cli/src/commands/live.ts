import {
  type BookingEvent,
  decodeBookingEvent,
  decodeTelemetry,
  encodeTelemetry,
  type Telemetry,
  TOPICS,
} from "@greenlane/contracts";
import type { TopicReader } from "@greenlane/kafka";
import { Chalk } from "chalk";
import type { Command } from "commander";
import { circle, id, percent, withJson } from "../arguments.ts";
import { readConfig } from "../config.ts";
import { reasonOf } from "../failures.ts";
import { bookingLine } from "../format/bookingLine.ts";
import { escaped, jsonLine } from "../format/escape.ts";
import { banner, EVENTS_A_RULE, liveLine, RULE } from "../format/liveLine.ts";
import { inTimeOrder } from "../inTimeOrder.ts";
import { LineQueue } from "../lineQueue.ts";
import { liveFeed } from "../liveFeed.ts";
import { LiveStatistics } from "../liveStatistics.ts";
import { atMost, kafkaAt, withReader } from "../servers.ts";
import type { JsonOption, Terminal } from "../terminal.ts";
import { type CarChoice, WantedCars } from "../wantedCars.ts";

interface LiveOptions extends JsonOption, CarChoice {
  fromBeginning?: true;
  color: boolean;
}

/** What is on its way when the view ends gets so long. */
const FLUSH_MS = 1_000;

export function addLive(program: Command, terminal: Terminal): void {
  withJson(program.command("live"), {
    example: "live --below 20 --near 40.72,-73.98,5",
    json: 'one event a line: a report {car_id, lat, lon, battery, velocity, timestamp, event_type: "telemetry", …}, as in the topic fleet-events, or the change of a booking, as in booking-events',
  })
    .description("the fleet's reports and the changes of bookings as they come, until Ctrl-C")
    .option("--car <id>", "only this car", id)
    .option("--below <percent>", "only cars below this charge", percent)
    .option("--near <lat,lon,km>", "only cars near a place", circle)
    .option("--from-beginning", "all that the log holds first")
    .option("--no-color", "without colour, as with NO_COLOR set or into a pipe")
    .action((options: LiveOptions) => {
      const config = readConfig(terminal.env);
      return withReader(config, TOPICS.fleetEvents, (reports) =>
        withReader(config, TOPICS.bookingEvents, (bookings) =>
          live({ reports, bookings }, options, terminal, kafkaAt(config)),
        ),
      );
    });
}

interface Readers {
  reports: TopicReader;
  bookings: TopicReader;
}

async function live(readers: Readers, options: LiveOptions, terminal: Terminal, kafka: string): Promise<void> {
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

  const showChange = (event: BookingEvent) => {
    statistics.countChange(event);
    queue.push(options.json ? jsonLine(event) : bookingLine(event, chalk));
  };
  const wanted = new WantedCars(options);

  const common = {
    fromBeginning: options.fromBeginning === true,
    signal: stop,
    onSkipped: (records: number) => {
      statistics.skipped += records;
      noted(`${records} records skipped: this view was too far behind`);
    },
  };
  const feeds = [
    await liveFeed({
      ...common,
      reader: readers.reports,
      onAway: (error) => noted(`${kafka} is away, its events follow when it is back: ${escaped(reasonOf(error))}`),
      onBack: () => noted(`${kafka} is back`),
      show: ({ value }) => {
        const decoded = decodeTelemetry(value);
        if (decoded.kind === "poison") statistics.unreadable++;
        else if (decoded.kind === "telemetry" && wanted.wants(decoded.telemetry)) show(decoded.telemetry);
      },
    }),
    await liveFeed({
      ...common,
      reader: readers.bookings,
      // The same Kafka: the words about it are said above.
      onAway: () => undefined,
      onBack: () => undefined,
      show: ({ value }) => {
        const event = decodeBookingEvent(value);
        if (event === undefined) statistics.unreadable++;
        else if (wanted.wantsNewsOf(event.car_id)) showChange(event);
      },
    }),
  ];
  if (!options.json) queue.push(banner(chalk));
  for await (const { feed, records } of inTimeOrder(feeds)) {
    for (const record of records) {
      feed.show(record);
      // What was asked for from the past is shown in full, at the reader's pace.
      if (feed.isHistory() && queue.isFilling) await Promise.race([queue.flushed(), stopped]);
    }
  }
  if (failed.signal.aborted) throw failed.signal.reason;
  if (!options.json) queue.push(`\n${chalk.bold("Statistics")}\n${statistics.text(queue.dropped)}`.trimEnd());
  await atMost(FLUSH_MS, queue.flushed());
  if (options.json && queue.dropped > 0) {
    await atMost(FLUSH_MS, terminal.err.write(`greenlane: ${queue.dropped} events not shown in all\n`));
  }
}
