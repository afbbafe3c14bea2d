import type { TopicName } from "@greenlane/contracts";
import type { Logger } from "@greenlane/runtime";
import kafkajs, { type IHeaders } from "kafkajs";
import { createKafka, type KafkaConfig } from "./client.ts";
import { rememberingPartitioner } from "./keyPartitioner.ts";

/** A record to be appended. */
export interface LogRecord {
  /** Decides the partition: records of one key stay in order. */
  key: string | Buffer | null;
  value: string | Buffer | null;
  headers?: IHeaders;
}

/** The log did not acknowledge records; whether they are in it is unknown. */
export class AppendError extends Error {
  override name = "AppendError";
  /** Whether the same records may be accepted later. */
  readonly retryable: boolean;
  constructor(topic: string, cause: unknown) {
    super(`Kafka did not acknowledge records for ${topic}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
    this.retryable = !(cause instanceof kafkajs.KafkaJSNonRetriableError);
  }
}

export interface LogWriter extends AsyncDisposable {
  /** Resolves when every replica in sync has the records (acks=all). @throws AppendError */
  append(topic: TopicName, records: LogRecord[]): Promise<void>;
}

const ALL_REPLICAS = -1;

/** Opens a producer. Several appends may be under way at once; the broker takes them in the order of their calls. */
export async function openLogWriter(config: KafkaConfig, clientId: string, logger: Logger): Promise<LogWriter> {
  const producer = createKafka(config, clientId, logger).producer({
    createPartitioner: rememberingPartitioner,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 2 },
  });
  await producer.connect();
  return {
    append: async (topic, messages) => {
      try {
        await producer.send({ topic, messages, acks: ALL_REPLICAS, timeout: config.KAFKA_REQUEST_TIMEOUT_MS });
      } catch (error) {
        throw new AppendError(topic, error);
      }
    },
    [Symbol.asyncDispose]: () => producer.disconnect(),
  };
}
