import { attempted, impatientClient, type Redis } from "./client.ts";

const TIMEOUT_MS = 2_000;

/**
 * A client for one question: it does not look for a server that is away.
 * @throws Error saying why the server cannot be reached, or what it wants of a client
 */
export async function connectOnce(url: string): Promise<Redis> {
  const redis = impatientClient(url, { timeoutMs: TIMEOUT_MS, retries: 0, retryStrategy: () => null });
  let reason: Error | undefined;
  const keep = (error: Error) => {
    reason ??= error;
  };
  redis.on("node error", keep); // of a cluster: says more than the error that follows it
  redis.on("error", keep);
  try {
    await attempted(redis);
    await redis.ping();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw reason ?? error;
  }
}

/** The version that a server names. */
export async function serverVersion(redis: Redis): Promise<string> {
  return /^redis_version:(\S+)/m.exec(await redis.info("server"))?.[1] ?? "unknown";
}
