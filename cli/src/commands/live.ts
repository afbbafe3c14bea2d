import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { decodeTelemetry, type Telemetry, TOPICS } from "@greenlane/contracts";
import { distanceKm } from "@greenlane/domain";
import { createKafka, kafkaEnv, openTopicAdmin } from "@greenlane/kafka";
import { loadConfig, silentLogger } from "@greenlane/runtime";
import { Chalk, type ChalkInstance } from "chalk";
import { boundedPrinter } from "../format/boundedPrinter.ts";
import { banner, CRITICAL_BELOW_PERCENT, EVENTS_A_RULE, liveLine, RULE } from "../format/liveLine.ts";

export interface LiveOptions {
  car?: string;
  /** Shows only cars below this charge, %. */
  below?: number;
  near?: { latitude: number; longitude: number; km: number };
  fromBeginning?: boolean;
  json?: boolean;
  color: boolean;
}

function isWanted(t: Telemetry, { car, below, near }: LiveOptions): boolean {
  if (car !== undefined && t.carId !== car) return false;
  if (below !== undefined && t.batteryPercent >= below) return false;
  return near === undefined || distanceKm(t, near) <= near.km;
}

/** Shows the fleet's events as they come, until SIGINT or SIGTERM or until the reader of the pipe is gone. */
export async function live(options: LiveOptions): Promise<void> {
  const config = loadConfig(kafkaEnv);
  const colour = options.color && process.stdout.isTTY === true && !process.env.NO_COLOR;
  const chalk = new Chalk(colour ? {} : { level: 0 });
  const printer = boundedPrinter(process.stdout);
  const statistics = { events: 0, cars: new Set<string>(), critical: 0, startedAtMs: Date.now() };
  const show = (t: Telemetry) => {
    statistics.events++;
    statistics.cars.add(t.carId);
    if (t.batteryPercent < CRITICAL_BELOW_PERCENT) statistics.critical++;
    printer.print(options.json ? JSON.stringify(t) : liveLine(t, chalk));
    if (!options.json && statistics.events % EVENTS_A_RULE === 0) printer.print(chalk.dim(RULE));
  };
  if (!options.json) printer.print(banner(chalk));
  const groupId = `greenlane-live-${randomUUID()}`;
  const consumer = createKafka(config, groupId, silentLogger).consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 100,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPICS.fleetEvents], fromBeginning: options.fromBeginning === true });
  const over = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), once(process.stdout, "error")]);
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      const decoded = decodeTelemetry(message.value);
      if (decoded.kind === "telemetry" && isWanted(decoded.telemetry, options)) show(decoded.telemetry);
    },
  });
  await over;
  await consumer.disconnect();
  await using admin = await openTopicAdmin(config, "greenlane-live", silentLogger);
  await admin.deleteGroup(groupId);
  if (!options.json) process.stderr.write(summary(statistics, printer.dropped(), chalk));
}

function summary(
  s: { events: number; cars: Set<string>; critical: number; startedAtMs: number },
  dropped: number,
  chalk: ChalkInstance,
): string {
  const seconds = (Date.now() - s.startedAtMs) / 1000;
  return `\n${chalk.bold("Statistics")}\n  events   ${s.events} (${(s.events / seconds).toFixed(1)}/s)\n  cars     ${s.cars.size}\n  critical ${s.critical}\n  dropped  ${dropped}\n`;
}
