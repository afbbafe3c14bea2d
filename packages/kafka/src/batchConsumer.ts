import type { TopicName } from "@greenlane/contracts";
import { backoffMs, endedWithin, type Logger, pause } from "@greenlane/runtime";
import type { Batch, KafkaMessage } from "kafkajs";
import { createKafka, type KafkaConfig } from "./client.ts";
import { offsetCommits } from "./offsetCommits.ts";

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
  /** Told when partitions were assigned anew: what was known of the old ones is void. */
  onAssigned: () => void;
}

export interface BatchConsumer extends AsyncDisposable {
  /** Partitions assigned to this member now. */
  assigned(): number;
}

/** A member that was killed is waited for so long, by its successor too: the least that brokers allow by default. */
const SESSION_TIMEOUT_MS = 6_000;
const HEARTBEAT_INTERVAL_MS = 1_000;
/**
 * A fetch, and what is done with what it brings, cost about the same for one record as for a hundred: after a small batch
 * a member lets some more gather before it fetches again.
 */
const GATHER = { belowRecords: 200, ms: 5 };
/** Who leaves waits for what is under way; what takes longer is read again by the next. */
const LEAVE_TIMEOUT_MS = 1_000;
const REJOIN = { baseMs: 500, maxMs: 5_000 };

/**
 * Consumes topics batch by batch, several partitions at once, for as long as the process lives.
 * A killed member's partitions go to others after the session timeout of 6 s, a stopped one's at once.
 * Rejects when Kafka does not answer at the start.
 */
export async function consumeBatches(
  config: KafkaConfig,
  options: BatchConsumerOptions,
  logger: Logger,
): Promise<BatchConsumer> {
  const stopping = new AbortController();
  let rejoining: Promise<void> | undefined;
  const join = () => joinGroup(config, options, logger, stopping.signal, () => (rejoining ??= rejoin()));
  let member = await join();
  if (member === undefined) rejoining = rejoin();

  /** kafkajs gives a consumer up after some errors, such as a commit that comes too late: then another takes its place. */
  async function rejoin(): Promise<void> {
    await member?.leave();
    member = undefined;
    for (let attempt = 0; member === undefined && !stopping.signal.aborted; attempt++) {
      await pause(backoffMs(attempt, REJOIN), stopping.signal);
      try {
        if (!stopping.signal.aborted) member = await join();
      } catch (err) {
        logger.warn({ err, groupId: options.groupId }, "could not join the group; trying on");
      }
    }
    rejoining = undefined;
  }

  return {
    assigned: () => member?.assigned() ?? 0,
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new Error("stopping"));
      await rejoining;
      await member?.leave();
    },
  };
}

interface Member {
  assigned(): number;
  leave(): Promise<void>;
}

/**
 * One membership of the group. `onLost` is told when kafkajs has given it up later.
 * @returns undefined when it was given up at once, as by a broker that is not ready for groups yet
 */
async function joinGroup(
  config: KafkaConfig,
  options: BatchConsumerOptions,
  logger: Logger,
  stopping: AbortSignal,
  onLost: () => void,
): Promise<Member | undefined> {
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
      // A restart of kafkajs's own would not be stopped by a leaving that comes in between: who rejoins is a new consumer.
      restartOnFailure: async () => false,
    },
  });
  const commit = offsetCommits(consumer);
  const underWay = new Set<Promise<void>>();
  let assigned = 0;
  let state: "joining" | "joined" | "lost" | "left" = "joining";
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assigned = Object.values(payload.memberAssignment).flat().length;
    options.onAssigned();
    logger.info({ groupId: options.groupId, partitions: payload.memberAssignment }, "partitions assigned");
  });
  consumer.on(consumer.events.REBALANCING, () => {
    assigned = 0;
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error } }) => {
    assigned = 0;
    if (state === "left") return;
    logger.warn({ err: error, groupId: options.groupId }, "the consumer broke down; another takes its place");
    const wasJoined = state === "joined";
    state = "lost";
    if (wasJoined) onLost();
  });
  const leave = async () => {
    state = "left";
    // A commit that follows a disconnection is none.
    await endedWithin(LEAVE_TIMEOUT_MS, Promise.allSettled(underWay));
    await consumer.disconnect();
  };
  const isLost = () => state === "lost";
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: options.topics, fromBeginning: options.fromBeginning });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.partitionsAtOnce,
      eachBatch: async ({ batch, heartbeat, resolveOffset, isRunning, isStale }) => {
        if (!isRunning() || isStale() || state === "left" || batch.messages.length === 0) return;
        const work = whileAlive(heartbeat, stopping, (signal) => options.onBatch(asRecordBatch(batch), signal)).then(
          () => {
            resolveOffset(batch.lastOffset());
            return commit(batch);
          },
        );
        underWay.add(work);
        await work.finally(() => underWay.delete(work));
        if (batch.messages.length < GATHER.belowRecords) await pause(GATHER.ms, stopping);
      },
    });
  } catch (error) {
    await leave();
    throw error;
  }
  if (isLost()) {
    await leave();
    return undefined;
  }
  state = "joined";
  return { assigned: () => assigned, leave };
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
