import type { Logger } from "@greenlane/runtime";
import { patientClient, type Redis } from "./client.ts";

// In a cluster a channel belongs to one node, as a key does: only so does who publishes learn whether anybody hears it.

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
  const redis = patientClient(url);
  redis.on("error", (err) => logger.debug({ err, channel }, "a subscription waits for Redis"));
  redis.on(redis.isCluster ? "smessage" : "message", (_, message: string) => onMessage(message));
  // It waits for the connection, and is repeated by itself after a reconnection.
  const subscribed = redis.isCluster ? redis.ssubscribe(channel) : redis.subscribe(channel);
  subscribed.catch((err: unknown) => logger.debug({ err, channel }, "a subscription has ended"));
  return { [Symbol.dispose]: () => redis.disconnect() };
}

/** Publishes on a channel. @returns how many hear it */
export async function publish(redis: Redis, channel: string, message: string): Promise<number> {
  return Number(await (redis.isCluster ? redis.spublish(channel, message) : redis.publish(channel, message)));
}
