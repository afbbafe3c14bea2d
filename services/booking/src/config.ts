import { GROUPS, PORTS } from "@greenlane/contracts";
import { grpcEnv, tokenRules } from "@greenlane/grpc";
import { kafkaEnv } from "@greenlane/kafka";
import { redisEnv } from "@greenlane/redis";
import { durationMs, loadConfig, port, processEnv, wholeNumber } from "@greenlane/runtime";
import { databaseEnv } from "@greenlane/timescale";
import { z } from "zod";

const MINUTE_MS = 60_000;

/** What the booking process reads from its environment. */
export const bookingEnv = {
  ...processEnv,
  ...kafkaEnv,
  ...redisEnv,
  ...grpcEnv,
  ...databaseEnv,
  GRPC_PORT: port(PORTS.negotiation),
  ADMIN_PORT: port(PORTS.bookingAdmin),
  KAFKA_GROUP_ID: z.string().min(1).default(GROUPS.booking),
  GRID_URL: z
    .url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" })
    .default(`http://localhost:${PORTS.mockGrid}`),
  GRID_TIMEOUT_MS: durationMs(2_000, { min: 10, max: 60_000 }),
  /** The processes of one zone have one of them match for all. */
  ZONE: z.string().min(1).max(64).default("city"),
  /** For how long an offer holds its slot. */
  HOLD_MS: durationMs(15_000, { min: 1_000, max: 10 * MINUTE_MS }),
  /** For how long after its start a booking waits for its car. */
  ARRIVAL_WINDOW_MS: durationMs(20 * MINUTE_MS, { min: 1_000, max: 1_440 * MINUTE_MS }),
  /** For how long after its start a booking is held up by a car that stays at the connector, before it is renegotiated. */
  OVERSTAY_GRACE_MS: durationMs(MINUTE_MS, { min: 0, max: 1_440 * MINUTE_MS }),
  /** How often a car may counter. */
  MAX_ROUNDS: wholeNumber(3, { min: 0, max: 20 }),
  /** Negotiations that may be open at once. */
  MAX_NEGOTIATIONS: wholeNumber(50_000, { min: 1, max: 1_000_000 }),
  /** Requests that are matched together at the most. */
  MATCH_MAX_CARS: wholeNumber(1_000, { min: 1, max: 10_000 }),
  /** What the search for a better match may take. */
  MATCH_BUDGET_MS: durationMs(100, { min: 0, max: 10_000 }),
  /** Length of the road by length of the straight line, and how fast cars get along, km/h. */
  ROAD_FACTOR: z.coerce.number().min(1).max(10).default(1.3),
  SPEED_KMH: z.coerce.number().min(1).max(300).default(30),
  /** What a car is to have left when it arrives, %. */
  RESERVE_PERCENT: z.coerce.number().min(0).max(50).default(2),
  /** A client that leaves messages unread for so long is cut off. */
  UNREAD_MS: durationMs(10_000),
  /** How often idle cars are called to free connectors; 0: never. */
  INVITE_EVERY_MS: durationMs(2_000, { min: 0, max: 3_600_000 }),
  /** How often Redis is compared with the database. */
  AUDIT_EVERY_MS: durationMs(10_000, { min: 100, max: 3_600_000 }),
  /** How long another process waits before it takes over what only one may do. */
  LEASE_MS: durationMs(4_000, { min: 200, max: 60_000 }),
};

export type BookingConfig = ReturnType<typeof loadConfig<typeof bookingEnv>>;

/** @throws ConfigError, also when production runs with the token that everybody knows */
export function readConfig(env: Record<string, string | undefined> = process.env): BookingConfig {
  return loadConfig(bookingEnv, env, tokenRules);
}
