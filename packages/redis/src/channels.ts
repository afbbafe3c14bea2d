import type { Logger } from "@greenlane/runtime";
import { Redis } from "ioredis";

const MAX_RECONNECT_WAIT_MS = 1_000;
/** How often a connection on which nothing is heard shows that it is alive. */
const KEEPALIVE_MS = 10_000;

/**
 * Hears what is published on a channel, over a connection of its own; subscribes again by itself when Redis was away.
 * What is published meanwhile is lost, as Redis keeps none of it.
 */
export function subscribe(
  url: string,
  channel: string,
  onMessage: (message: string) => void,
  logger: Logger,
): Disposable {
  const redis = new Redis(url, {
    keepAlive: KEEPALIVE_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_WAIT_MS),
  });
  redis.on("error", (err) => logger.debug({ err, channel }, "a subscription waits for Redis"));
  redis.on("message", (_, message) => onMessage(message));
  // It waits for the connection, and is repeated by itself after a reconnection.
  redis.subscribe(channel).catch((err: unknown) => logger.debug({ err, channel }, "a subscription has ended"));
  return { [Symbol.dispose]: () => redis.disconnect() };
}
