import type { Logger } from "@greenlane/runtime";
import { Redis } from "ioredis";
import { z } from "zod";

/** What each process that speaks to Redis reads from its environment. */
export const redisEnv = {
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, "must be a redis:// or rediss:// URL")
    .default("redis://localhost:6379"),
};

const COMMAND_TIMEOUT_MS = 2_000;
const MAX_RECONNECT_WAIT_MS = 1_000;

/**
 * A Redis client that fails at once while the server is away, rather than queue without bound, and looks for it
 * again by itself, for ever. Resolves when it is connected or has failed to connect for the first time.
 */
export async function openRedis(url: string, logger: Logger): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
    // A command that timed out stays queued in the client; a server that hangs is left, and its queue with it.
    socketTimeout: COMMAND_TIMEOUT_MS + 500,
    connectTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_WAIT_MS),
  });
  let away = false;
  redis.on("error", (err) => {
    if (!away) logger.warn({ err }, "Redis is away");
    away = true;
  });
  redis.on("ready", () => {
    if (away) logger.info("Redis is back");
    away = false;
  });
  await redis.connect().catch((err: unknown) => logger.debug({ err }, "Redis did not answer at once; trying on"));
  return redis;
}
