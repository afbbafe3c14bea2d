import { GROUPS, PORTS } from "@greenlane/contracts";
import { kafkaEnv } from "@greenlane/kafka";
import { durationMs, loadConfig, port, processEnv, wholeNumber } from "@greenlane/runtime";
import { databaseEnv } from "@greenlane/timescale";
import { z } from "zod";

/** What the pricing worker reads from its environment. */
export const pricingWorkerEnv = {
  ...processEnv,
  ...kafkaEnv,
  ...databaseEnv,
  ADMIN_PORT: port(PORTS.pricingWorkerAdmin),
  KAFKA_GROUP_ID: z.string().min(1).default(GROUPS.pricingWorker),
  GRID_URL: z
    .url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" })
    .default(`http://localhost:${PORTS.mockGrid}`),
  GRID_TIMEOUT_MS: durationMs(2_000, { min: 10, max: 60_000 }),
  /** For how long past its end a price may stand in while the grid does not answer; 0: never. */
  PRICE_GRACE_MS: durationMs(0, { min: 0, max: 3_600_000 }),
  /** Partitions worked on at the same time. */
  PARTITIONS_AT_ONCE: wholeNumber(12, { min: 1, max: 64 }),
};

export type PricingWorkerConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError */
export const readConfig = (env: Record<string, string | undefined> = process.env) => loadConfig(pricingWorkerEnv, env);
