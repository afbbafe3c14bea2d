import { DEVELOPMENT_API_TOKEN, PORTS } from "@greenlane/contracts";
import { kafkaEnv } from "@greenlane/kafka";
import { redisEnv } from "@greenlane/redis";
import { loadConfig } from "@greenlane/runtime";
import { databaseEnv } from "@greenlane/timescale";
import { z } from "zod";

const serviceUrl = (port: number) => z.url({ protocol: /^https?$/ }).default(`http://localhost:${port}`);

/** What the operator's command reads from its environment. */
export const cliEnv = {
  ...kafkaEnv,
  ...redisEnv,
  ...databaseEnv,
  GRID_URL: serviceUrl(PORTS.mockGrid),
  /** Where `doctor` looks for ingestion's gRPC. */
  INGESTION_TARGET: z.string().default(`localhost:${PORTS.grpc}`),
  /** Where stations and bookings are asked for. */
  BOOKING_TARGET: z.string().default(`localhost:${PORTS.negotiation}`),
  /** What is shown to both. */
  API_TOKEN: z.string().default(DEVELOPMENT_API_TOKEN),
  /** Where `doctor` finds /health and /ready of the services that have no HTTP of their own. */
  INGESTION_ADMIN_URL: serviceUrl(PORTS.ingestionAdmin),
  PRICING_WORKER_ADMIN_URL: serviceUrl(PORTS.pricingWorkerAdmin),
  BOOKING_ADMIN_URL: serviceUrl(PORTS.bookingAdmin),
};

export type CliConfig = ReturnType<typeof readConfig>;

/** An operator waits for the answer: a broker gets less time than a service gives it. */
const MAX_REQUEST_TIMEOUT_MS = 3_000;

/** @throws ConfigError */
export function readConfig(env: Record<string, string | undefined> = process.env) {
  const config = loadConfig(cliEnv, env);
  return { ...config, KAFKA_REQUEST_TIMEOUT_MS: Math.min(config.KAFKA_REQUEST_TIMEOUT_MS, MAX_REQUEST_TIMEOUT_MS) };
}
