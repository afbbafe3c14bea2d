import type { Logger } from "@greenlane/runtime";
import { Cluster, type ClusterOptions, type RedisOptions, Redis as SingleRedis } from "ioredis";
import { z } from "zod";
import { isRedisUrl, placeOf, type RedisCluster } from "./redisUrl.ts";

/** A client of one server, or of a cluster. */
export type Redis = SingleRedis | Cluster;

/** What each process that speaks to Redis reads from its environment. */
export const redisEnv = {
  /** One server, or `redis+cluster://host:port,host:port`: nodes of a Redis Cluster, one of which is enough to find all. */
  REDIS_URL: z
    .string()
    .refine(
      isRedisUrl,
      "must be a redis:// or rediss:// URL, or redis+cluster:// and nodes of a cluster, comma-separated",
    )
    .default("redis://localhost:6379"),
};

const COMMAND_TIMEOUT_MS = 2_000;
const MAX_RECONNECT_WAIT_MS = 1_000;
/** How often a command follows a slot that moves, or waits a moment for its node, before it fails. */
const MAX_REDIRECTIONS = 6;
/** How often a client asks which node of a cluster has what, besides whenever a node says that it has it no longer. */
const SLOTS_REFRESH_MS = 5_000;
/** How often a connection on which nothing is heard shows that it is alive. */
const KEEPALIVE_MS = 10_000;

const reconnectWaitMs = (attempt: number) => Math.min(50 * attempt, MAX_RECONNECT_WAIT_MS);

/**
 * A Redis client that fails at once while the server is away, rather than queue without bound, and looks for it
 * again by itself, for ever. Resolves when it is connected or has failed to connect for the first time.
 */
export async function openRedis(url: string, logger: Logger): Promise<Redis> {
  const redis = impatientClient(url, { timeoutMs: COMMAND_TIMEOUT_MS, retries: 1, retryStrategy: reconnectWaitMs });
  let away = false;
  redis.on("error", (err: unknown) => {
    if (!away) logger.warn({ err }, "Redis is away");
    away = true;
  });
  redis.on("node error", (err: unknown, node: string) => logger.debug({ err, node }, "a node of Redis is away"));
  redis.on("ready", () => {
    if (away) logger.info("Redis is back");
    away = false;
  });
  await attempted(redis).catch((err: unknown) => logger.debug({ err }, "Redis did not answer at once; trying on"));
  return redis;
}

/** A client that keeps no command while it is not connected; it is yet to be connected. */
export function impatientClient(
  url: string,
  {
    timeoutMs,
    retries,
    retryStrategy,
  }: { timeoutMs: number; retries: number; retryStrategy: (attempt: number) => number | null },
): Redis {
  const place = placeOf(url);
  const lazily = { lazyConnect: true, enableOfflineQueue: false };
  const bounds = {
    commandTimeout: timeoutMs,
    // A command that timed out stays queued in the client; a server that hangs is left, and its queue with it.
    socketTimeout: timeoutMs + 500,
    connectTimeout: timeoutMs,
  };
  if (place.kind === "server")
    return new SingleRedis(url, { ...lazily, ...bounds, maxRetriesPerRequest: retries, retryStrategy });
  return clusterClient(place, bounds, {
    ...lazily,
    clusterRetryStrategy: retryStrategy,
    maxRedirections: MAX_REDIRECTIONS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
  });
}

/** Connects a client for the first time. Rejects when that fails; the client may try on all the same. */
export function attempted(redis: Redis): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  redis.once("ready", resolve);
  // A cluster that is not in order is left without a word to who waits for the connection.
  redis.once("close", () => reject(new Error("the connection to Redis was closed")));
  redis.connect().then(resolve, reject);
  return promise;
}

/** A client that waits for its server, to hear what is published. */
export function patientClient(url: string): Redis {
  const place = placeOf(url);
  const listening = { keepAlive: KEEPALIVE_MS, maxRetriesPerRequest: null };
  if (place.kind === "server") return new SingleRedis(url, { ...listening, retryStrategy: reconnectWaitMs });
  return clusterClient(place, listening, {
    clusterRetryStrategy: reconnectWaitMs,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    shardedSubscribers: true,
  });
}

type NodeOptions = Pick<
  RedisOptions,
  "commandTimeout" | "socketTimeout" | "connectTimeout" | "keepAlive" | "maxRetriesPerRequest"
>;

function clusterClient({ nodes, credentials, tls }: RedisCluster, ofNodes: NodeOptions, options: ClusterOptions) {
  return new Cluster(nodes, {
    ...options,
    redisOptions: { ...ofNodes, ...credentials, ...(tls && { tls: {} }) },
    // The certificate of a node names its host, which is not to be replaced by an address.
    ...(tls && { dnsLookup: (host, callback) => callback(null, host) }),
  });
}
