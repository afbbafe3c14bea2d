import { TOPIC_SPECS } from "@greenlane/contracts";
import { openTopicAdmin, openTopicReader, type TopicAdmin, type TopicReader, UnknownTopic } from "@greenlane/kafka";
import { connectOnce, type Redis, redisHosts } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { type Database, isTransient, openDatabase } from "@greenlane/timescale";
import type { CliConfig } from "./config.ts";
import { Failure, Unreachable } from "./failures.ts";

/** How long a server may take for its first answer. */
export const ANSWER_MS = 5_000;
/** How long the closing of a connection is waited for; the end of the process closes it too. */
const CLOSE_MS = 500;
const KAFKA_RETRIES = 1;
export const CLIENT_ID = "greenlane-cli";

/** Resolves when the work has ended, in whatever way, or after so long. */
export async function atMost(ms: number, work: PromiseLike<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => resolve(), ms);
  work.then(
    () => resolve(),
    () => resolve(),
  );
  await promise;
  clearTimeout(timer);
}

/** The work's result. @throws Unreachable when it fails or takes longer than a server may */
export async function reach<Result>(what: string, work: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
  try {
    return await Promise.race([work, promise]);
  } catch (error) {
    throw new Unreachable(what, error);
  } finally {
    clearTimeout(timer);
  }
}

/** A URL's host and port: never its password. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "an address that is none";
}

/** Asks Redis something. @throws Unreachable */
export async function withRedis<Result>(config: CliConfig, ask: (redis: Redis) => Promise<Result>): Promise<Result> {
  const what = `Redis at ${redisHosts(config.REDIS_URL)}`;
  const redis = await reach(what, connectOnce(config.REDIS_URL));
  try {
    return await ask(redis);
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError") throw new Failure(`Redis refused: ${error.message}`);
    throw new Unreachable(what, error);
  } finally {
    redis.disconnect();
  }
}

const UNDEFINED_TABLE = "42P01";
const QUERY_CANCELED = "57014";

/** Asks the database something. @throws Unreachable, Failure where it is not prepared */
export async function withDatabase<Result>(
  config: CliConfig,
  ask: (database: Database) => Promise<Result>,
): Promise<Result> {
  const what = `the database at ${hostOf(config.DATABASE_URL)}`;
  const database = openDatabase(config.DATABASE_URL, silentLogger);
  try {
    await reach(what, database.query("SELECT 1"));
    return await ask(database);
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
    if (code === UNDEFINED_TABLE) throw new Failure(`${what} has no tables yet: make up makes them`);
    if (code === QUERY_CANCELED) throw new Failure(`${what} took too long: ask for less`);
    if (isTransient(error)) throw new Unreachable(what, error);
    throw error;
  } finally {
    await atMost(CLOSE_MS, database.end());
  }
}

/** kafkajs throws plain errors too; ours have classes of their own. */
const isKafkas = (error: unknown) =>
  error instanceof Error && (error.name.startsWith("KafkaJS") || error.constructor === Error);

export const kafkaAt = (config: CliConfig) => `Kafka at ${config.KAFKA_BROKERS.join(", ")}`;

/** Asks Kafka about topics and groups. @throws Unreachable */
export async function withTopics<Result>(
  config: CliConfig,
  ask: (topics: TopicAdmin) => Promise<Result>,
): Promise<Result> {
  const what = kafkaAt(config);
  const topics = await reach(what, openTopicAdmin(config, CLIENT_ID, silentLogger, KAFKA_RETRIES));
  try {
    return await ask(topics);
  } catch (error) {
    throw isKafkas(error) ? new Unreachable(what, error) : error;
  } finally {
    await atMost(CLOSE_MS, topics[Symbol.asyncDispose]());
  }
}

/** Reads a topic. @throws Failure when there is none of that name, Unreachable */
export async function withReader<Result>(
  config: CliConfig,
  topic: string,
  read: (reader: TopicReader) => Promise<Result>,
): Promise<Result> {
  const opening = openTopicReader(config, topic, CLIENT_ID, silentLogger).catch((error: unknown) => {
    if (error instanceof UnknownTopic) return undefined;
    throw error;
  });
  const reader = await reach(kafkaAt(config), opening);
  if (reader === undefined) {
    const isOurs = TOPIC_SPECS.some(({ name }) => name === topic);
    throw new Failure(`there is no topic ${topic}: ${isOurs ? "make up makes it" : "greenlane topics lists all"}`);
  }
  try {
    return await read(reader);
  } catch (error) {
    throw isKafkas(error) ? new Unreachable(kafkaAt(config), error) : error;
  } finally {
    await atMost(CLOSE_MS, reader[Symbol.asyncDispose]());
  }
}
