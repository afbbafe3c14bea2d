import { API_TOKEN_METADATA, DEVELOPMENT_API_TOKEN, PORTS } from "@greenlane/contracts";
import { kafkaEnv } from "@greenlane/kafka";
import { redisEnv } from "@greenlane/redis";
import { durationMs, list, loadConfig, port, processEnv, wholeNumber } from "@greenlane/runtime";

/** What ingestion reads from its environment. */
export const ingestionEnv = {
  ...processEnv,
  ...kafkaEnv,
  ...redisEnv,
  GRPC_PORT: port(PORTS.grpc),
  ADMIN_PORT: port(PORTS.ingestionAdmin),
  /** Tokens that cars may present; several while one is being rotated out. */
  API_TOKENS: list(DEVELOPMENT_API_TOKEN),
  /** How old, and how far ahead of this process's clock, an event may be. */
  MAX_EVENT_AGE_MS: durationMs(86_400_000, { min: 1_000, max: 31 * 86_400_000 }),
  MAX_EVENT_AHEAD_MS: durationMs(300_000, { min: 0, max: 86_400_000 }),
  /** Events in one append to the log, at the most. */
  BATCH_MAX_EVENTS: wholeNumber(2_000, { min: 1, max: 10_000 }),
  /** Appends under way at once. One makes the fullest batches; more are for brokers that are far away, or many. */
  BATCHES_IN_FLIGHT: wholeNumber(1, { min: 1, max: 32 }),
  /** Events of all streams that may wait for the log; streams are paused when half as many wait. */
  MAX_WAITING_EVENTS: wholeNumber(200_000, { min: 1_000, max: 10_000_000 }),
  /** Cars whose position may wait while Redis is away. */
  MAX_WAITING_POSITIONS: wholeNumber(100_000, { min: 1, max: 10_000_000 }),
  /** A car that has not reported for so long is taken off the map. */
  CAR_FORGOTTEN_AFTER_MS: wholeNumber(30 * 86_400_000, { min: 86_400_000, max: 366 * 86_400_000 }),
  /** Events of one stream that wait for their ack before the stream is paused. */
  STREAM_MAX_WAITING: wholeNumber(256, { min: 1, max: 10_000 }),
  /** Events a second that one stream may send; above it the stream is slowed down. */
  STREAM_MAX_EVENTS_PER_SECOND: wholeNumber(200, { min: 1, max: 1_000_000 }),
  /** A stream that sends nothing for so long is ended. */
  STREAM_IDLE_MS: durationMs(300_000),
  /** A client that leaves acks unread for so long is cut off. */
  ACK_UNREAD_MS: durationMs(10_000),
  MAX_MESSAGE_BYTES: wholeNumber(16_384, { min: 256, max: 4_194_304 }),
  STREAMS_PER_CONNECTION: wholeNumber(1_000, { min: 1, max: 100_000 }),
  KEEPALIVE_MS: durationMs(30_000, { min: 100, max: 3_600_000 }),
};

export type IngestionConfig = ReturnType<typeof loadConfig<typeof ingestionEnv>>;

/** @throws ConfigError, also when production runs with the token that everybody knows */
export function readConfig(env: Record<string, string | undefined> = process.env): IngestionConfig {
  return loadConfig(ingestionEnv, env, ({ NODE_ENV, API_TOKENS = DEVELOPMENT_API_TOKEN }) =>
    NODE_ENV === "production" && API_TOKENS.split(",").some((token) => token.trim() === DEVELOPMENT_API_TOKEN)
      ? [`API_TOKENS: set tokens of your own for ${API_TOKEN_METADATA}; the development token is refused in production`]
      : [],
  );
}
