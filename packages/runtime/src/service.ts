import closeWithGrace from "close-with-grace";
import type { Registry } from "prom-client";
import { type Clock, systemClock } from "./clock.ts";
import { ConfigError } from "./env.ts";
import { createLogger, type Logger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";

/** Why a process can or cannot do its work now: each dependency "ok" or what is wrong with it. */
export interface Readiness {
  ready: boolean;
  checks: Record<string, string>;
}

/** Something started that can be stopped: what is in flight is finished, every client closed. */
export interface Service {
  readiness(): Readiness | Promise<Readiness>;
  stop(): Promise<void>;
}

/** What each part of a process is handed: how to log, count and tell the time. */
export interface Runtime {
  logger: Logger;
  metrics: Registry;
  clock: Clock;
}

/** A clean stop takes at most this long; then the process is ended (invariant 8). */
export const STOP_TIMEOUT_MS = 10_000;

interface ProcessConfig {
  LOG_LEVEL: string;
  LOG_FORMAT: "auto" | "json" | "pretty";
  INSTANCE_ID: string;
}

/**
 * The life of a process: reads the configuration, starts the service, stops it at SIGTERM or SIGINT, exits 0.
 * Exits 78 (EX_CONFIG) when the configuration does not hold and 1 when the start, the stop or the run fails.
 */
export async function runProcess<Config extends ProcessConfig>(
  name: string,
  readConfig: () => Config,
  start: (config: Config, runtime: Runtime) => Promise<Service>,
): Promise<void> {
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exitCode = 78;
    return;
  }
  const logger = createLogger(name, config);
  let service: Service | undefined;
  closeWithGrace({ delay: STOP_TIMEOUT_MS - 500, logger }, async ({ signal, err }) => {
    if (err) logger.fatal({ err }, "ending after an error that nobody handled");
    else logger.info({ signal }, "stopping");
    await service?.stop();
    if (!err) logger.info("stopped");
  });
  try {
    service = await start(config, { logger, metrics: createMetrics(name), clock: systemClock });
    logger.info("started");
  } catch (error) {
    logger.fatal({ err: error }, "could not start");
    setImmediate(() => process.exit(1));
  }
}
