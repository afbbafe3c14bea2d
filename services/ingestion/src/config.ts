import { PORTS } from "@greenlane/contracts";
import { grpcEnv, tokenRules } from "@greenlane/grpc";
import { kafkaEnv } from "@greenlane/kafka";
import { redisEnv } from "@greenlane/redis";
import { durationMs, loadConfig, port, processEnv, wholeNumber } from "@greenlane/runtime";

/** What ingestion reads from its environment. */
export const ingestionEnv = {
  ...processEnv,
  ...kafkaEnv,
  ...redisEnv,
  ...grpcEnv,
  GRPC_PORT: port(PORTS.grpc),
  ADMIN_PORT: port(PORTS.ingestionAdmin),
  /** How old, and how far ahead of this process's clock, an event may be. */
  MAX_EVENT_AGE_MS: durationMs(86_400_000, { min: 1_000, max: 31 * 86_400_000 }),
  MAX_EVENT_AHEAD_MS: durationMs(300_000, { min: 0, max: 86_400_000 }),
  /** Events in one append to the log, at the most. */
  BATCH_MAX_EVENTS: wholeNumber(2_000, { min: 1, max: 10_000 }),
  /** How long an append after one of several events waits for as many: each costs Kafka about as much as fifty events. */
  BATCH_GATHER_MS: durationMs(2, { min: 0, max: 1_000 }),
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
  /** The same of a gateway's stream, which speaks for many cars. */
  GATEWAY_MAX_WAITING: wholeNumber(20_000, { min: 1, max: 1_000_000 }),
  GATEWAY_MAX_EVENTS_PER_SECOND: wholeNumber(100_000, { min: 1, max: 1_000_000 }),
  /** A stream that sends nothing for so long is ended. */
  STREAM_IDLE_MS: durationMs(300_000),
  /** A client that leaves acks unread for so long is cut off. */
  ACK_UNREAD_MS: durationMs(10_000),
};

export type IngestionConfig = ReturnType<typeof loadConfig<typeof ingestionEnv>>;

/** @throws ConfigError, also when production runs with the token that everybody knows */
export function readConfig(env: Record<string, string | undefined> = process.env): IngestionConfig {
  return loadConfig(ingestionEnv, env, tokenRules);
}
