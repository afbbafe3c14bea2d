import type { TopicName } from "@greenlane/contracts";
import { endedWithin, type Logger } from "@greenlane/runtime";
import type { IHeaders } from "kafkajs";
import { createKafka, type KafkaConfig } from "./client.ts";
import { rememberingPartitioner } from "./keyPartitioner.ts";

/** A record to be appended. */
export interface LogRecord {
  /** Decides the partition: records of one key stay in order. */
  key: string | Buffer | null;
  value: string | Buffer | null;
  headers?: IHeaders;
}

const FAULTS_OF_RECORDS = new Set<unknown>([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_TIMESTAMP",
  "INVALID_RECORD",
]);

/** The log did not acknowledge records; whether they are in it is unknown. */
export class AppendError extends Error {
  override name = "AppendError";
  /** Whether the same records may be accepted later. */
  readonly retryable: boolean;
  /** Whether it is the records themselves that Kafka refuses: fewer at a time, or others, it may take. */
  readonly blamesRecords: boolean;
  constructor(topic: string, cause: unknown) {
    super(`Kafka did not acknowledge records for ${topic}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
    const { retriable, type } = innermost(cause);
    this.retryable = retriable !== false;
    this.blamesRecords = FAULTS_OF_RECORDS.has(type);
  }
}

/** What kafkajs wraps: the error that it gave up on says whether another try may help, the wrapping never does. */
function innermost(error: unknown): { retriable?: unknown; type?: unknown } {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? (inner as Error & { retriable?: unknown; type?: unknown }) : {};
}

const DISCONNECT_TIMEOUT_MS = 1_500;

export interface LogWriter extends AsyncDisposable {
  /** Resolves when every replica in sync has the records (acks=all). @throws AppendError */
  append(topic: TopicName, records: LogRecord[]): Promise<void>;
}

const ALL_REPLICAS = -1;

/** Opens a producer. Several appends may be under way at once; but for retries the broker takes them in their order. */
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
    // A broker that hangs would keep it waiting for its answers.
    [Symbol.asyncDispose]: async () => void (await endedWithin(DISCONNECT_TIMEOUT_MS, producer.disconnect())),
  };
}
