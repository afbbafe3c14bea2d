import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

export type { Logger } from "pino";

/** The logger of a process: JSON lines on stderr, or readable ones in a terminal. */
export function createLogger(
  name: string,
  config: { LOG_LEVEL: string; LOG_FORMAT: "auto" | "json" | "pretty"; INSTANCE_ID: string },
): Logger {
  const readable = config.LOG_FORMAT === "pretty" || (config.LOG_FORMAT === "auto" && process.stderr.isTTY === true);
  const options = { name, level: config.LOG_LEVEL, base: { instance: config.INSTANCE_ID } };
  if (!readable) return pino(options, pino.destination({ dest: 2, sync: false }));
  return pino(
    options,
    pretty({ destination: 2, sync: true, ignore: "pid,hostname,instance", translateTime: "SYS:HH:MM:ss.l" }),
  );
}

export const silentLogger: Logger = pino({ level: "silent" });
