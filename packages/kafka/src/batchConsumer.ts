import type { TopicName } from "@greenlane/contracts";
import { Batcher, type Logger } from "@greenlane/runtime";
import type { Batch, Consumer, KafkaMessage } from "kafkajs";
import { createKafka, type KafkaConfig } from "./client.ts";

/** Records of one partition, in order. */
export interface RecordBatch {
  topic: string;
  partition: number;
  records: KafkaMessage[];
  /** The offset that the next record of the partition will get. */
  highWatermark: number;
}

export interface BatchConsumerOptions {
  groupId: string;
  topics: TopicName[];
  /** Where a group without offsets begins. */
  fromBeginning: boolean;
  /** Partitions worked on at the same time. */
  partitionsAtOnce: number;
  /**
   * Does the work of a batch; its offsets are committed when this resolves, and only then. A rejection leaves them:
   * the batch comes again. `signal` is aborted when the group takes the partition away or the process stops.
   */
  onBatch: (batch: RecordBatch, signal: AbortSignal) => Promise<void>;
}

export interface BatchConsumer extends AsyncDisposable {
  /** Partitions assigned to this member now. */
  assigned(): number;
}

const SESSION_TIMEOUT_MS = 8_000;
const HEARTBEAT_INTERVAL_MS = 1_000;

/**
 * Consumes topics batch by batch, several partitions at once.
 * A killed member's partitions go to others after the session timeout of 8 s, a stopped one's at once.
 */
export async function consumeBatches(
  config: KafkaConfig,
  options: BatchConsumerOptions,
  logger: Logger,
): Promise<BatchConsumer> {
  const consumer = createKafka(config, options.groupId, logger).consumer({
    groupId: options.groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_INTERVAL_MS,
    rebalanceTimeout: 10_000,
    maxWaitTimeInMs: 50,
    maxBytes: 16 * 1024 * 1024,
    maxBytesPerPartition: 1024 * 1024,
    allowAutoTopicCreation: false,
    retry: {
      initialRetryTime: 200,
      maxRetryTime: 1_000,
      retries: Number.MAX_SAFE_INTEGER,
      restartOnFailure: async () => true,
    },
  });
  const stopping = new AbortController();
  let assigned = 0;
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assigned = Object.values(payload.memberAssignment).flat().length;
    logger.info({ groupId: options.groupId, partitions: payload.memberAssignment }, "partitions assigned");
  });
  consumer.on(consumer.events.REBALANCING, () => {
    assigned = 0;
  });
  const commit = offsetCommits(consumer);
  await consumer.connect();
  await consumer.subscribe({ topics: options.topics, fromBeginning: options.fromBeginning });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: options.partitionsAtOnce,
    eachBatch: async ({ batch, heartbeat, resolveOffset, isRunning, isStale }) => {
      if (!isRunning() || isStale() || batch.messages.length === 0) return;
      await whileAlive(heartbeat, stopping.signal, (signal) => options.onBatch(asRecordBatch(batch), signal));
      resolveOffset(batch.lastOffset());
      await commit(batch);
    },
  });
  return {
    assigned: () => assigned,
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new Error("stopping"));
      await consumer.disconnect();
    },
  };
}

/** Does work during which the group hears, however long it takes, that this member lives. */
async function whileAlive(
  heartbeat: () => Promise<void>,
  stopping: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const cutOff = new AbortController();
  const beating = setInterval(() => {
    heartbeat().catch((error: unknown) => cutOff.abort(error));
  }, HEARTBEAT_INTERVAL_MS);
  try {
    await work(AbortSignal.any([stopping, cutOff.signal]));
  } finally {
    clearInterval(beating);
  }
}

function asRecordBatch(batch: Batch): RecordBatch {
  return {
    topic: batch.topic,
    partition: batch.partition,
    records: batch.messages,
    highWatermark: Number(batch.highWatermark),
  };
}

interface OffsetCommit {
  batch: Batch;
  committed: () => void;
  failed: (error: unknown) => void;
}

/** Commits the offset behind a batch; batches that end at the same time are committed by one request. */
function offsetCommits(consumer: Consumer): (batch: Batch) => Promise<void> {
  const batcher = new Batcher<OffsetCommit>({
    maxItems: Number.POSITIVE_INFINITY,
    maxWaiting: Number.POSITIVE_INFINITY, // a partition has one batch at a time
    work: async (commits) => {
      try {
        await consumer.commitOffsets(
          commits.map(({ batch }) => ({
            topic: batch.topic,
            partition: batch.partition,
            offset: `${BigInt(batch.lastOffset()) + 1n}`,
          })),
        );
        for (const { committed } of commits) committed();
      } catch (error) {
        for (const { failed } of commits) failed(error);
      }
    },
  });
  return (batch) =>
    new Promise((committed, failed) => {
      batcher.add({ batch, committed, failed });
    });
}
