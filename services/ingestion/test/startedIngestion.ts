import { randomUUID } from "node:crypto";
import { TOPICS, type TopicName } from "@greenlane/contracts";
import { createKafka, openTopicAdmin } from "@greenlane/kafka";
import { type Clock, createMetrics, silentLogger, systemClock } from "@greenlane/runtime";
import { startKafka, startRedis, type TestServer, until } from "@greenlane/testkit";
import { type Ingestion, startIngestion } from "../src/app.ts";
import { readConfig } from "../src/config.ts";

export interface Servers extends AsyncDisposable {
  kafka: TestServer;
  redis: TestServer;
  /** Starts ingestion on these servers, with the defaults but for what is given. */
  ingestion(env?: Record<string, string>, clock?: Clock): Promise<Ingestion>;
  /** The values and headers that a topic holds of a car, in order. */
  recordsOf(topic: TopicName, carId: string): Promise<{ value: Record<string, unknown>; headers: Headers }[]>;
}

type Headers = Record<string, string>;

/** Kafka and Redis of a test file's own. */
export async function startServers(): Promise<Servers> {
  const [kafka, redis] = await Promise.all([startKafka(), startRedis()]);
  const kafkaConfig = { KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 2_000 };
  return {
    kafka,
    redis,
    ingestion: (env = {}, clock = systemClock) => {
      const servers = { KAFKA_BROKERS: kafka.url, REDIS_URL: redis.url, KAFKA_REQUEST_TIMEOUT_MS: "2000" };
      const config = readConfig({ ...servers, GRPC_PORT: "0", ADMIN_PORT: "0", LISTEN_HOST: "127.0.0.1", ...env });
      return startIngestion(config, { logger: silentLogger, metrics: createMetrics("test"), clock });
    },
    recordsOf: async (topic, carId) => {
      await using admin = await openTopicAdmin(kafkaConfig, "test", silentLogger);
      const ends = new Map(
        (await admin.offsets(topic))
          .filter(({ low, high }) => high > low)
          .map(({ partition, high }) => [partition, high]),
      );
      const groupId = randomUUID();
      const consumer = createKafka(kafkaConfig, groupId, silentLogger).consumer({ groupId });
      const records: { value: Record<string, unknown>; headers: Headers }[] = [];
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ partition, message }) => {
          if (message.key?.toString() === carId) {
            const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, `${value}`]);
            records.push({ value: JSON.parse(`${message.value}`), headers: Object.fromEntries(headers) });
          }
          if (Number(message.offset) + 1 >= (ends.get(partition) ?? 0)) ends.delete(partition);
        },
      });
      await until(`${topic} is read`, () => ends.size === 0);
      await consumer.disconnect();
      return records;
    },
    [Symbol.asyncDispose]: async () => {
      await kafka[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

/** Every event time of a car that the log holds, in order. */
export async function timesInLog(servers: Servers, carId: string): Promise<unknown[]> {
  return (await servers.recordsOf(TOPICS.fleetEvents, carId)).map(({ value }) => value.timestamp);
}

/** A metric's value as a scrape shows it; 0 when it has none. `labels` as Prometheus writes them, without the service. */
export async function metric(ingestion: Ingestion, name: string, labels = ""): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${ingestion.adminPort}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name}{`) && each.includes(labels));
  return Number(line?.slice(line.lastIndexOf(" ") + 1) ?? 0);
}

/** A clock that a test moves on. */
export function handClock(): Clock & { advance(ms: number): void } {
  let nowMs = Date.now();
  return {
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
