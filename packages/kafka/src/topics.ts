import { TOPIC_SPECS, type TopicName } from "@greenlane/contracts";
import { type Logger, retry } from "@greenlane/runtime";
import type { Admin } from "kafkajs";
import { createKafka, type KafkaConfig } from "./client.ts";

/** A partition's first offset and the one that its next record will get. */
export interface PartitionOffsets {
  partition: number;
  low: number;
  high: number;
}

/** What a consumer group has committed of a partition, and how far that is behind. */
export interface PartitionLag {
  partition: number;
  /** Undefined when the group has committed nothing yet. */
  committed: number | undefined;
  high: number;
  /** Records that the group has yet to take. */
  lag: number;
}

/** How far a group had come in a partition when it committed last. */
export interface CommittedOffset {
  topic: string;
  partition: number;
  offset: number;
}

export interface TopicAdmin extends AsyncDisposable {
  /** Creates the topics that are missing; those that stand are left as they are. */
  ensureTopics(): Promise<void>;
  topicNames(): Promise<string[]>;
  offsets(topic: string): Promise<PartitionOffsets[]>;
  lag(groupId: string, topic: TopicName): Promise<PartitionLag[]>;
  /** The consumer groups that the brokers know. */
  groupIds(): Promise<string[]>;
  /** Every partition of which a group has committed an offset. */
  committed(groupId: string): Promise<CommittedOffset[]>;
}

/** Opens an administration connection. `retries`: as of `createKafka`. */
export async function openTopicAdmin(
  config: KafkaConfig,
  clientId: string,
  logger: Logger,
  retries?: number,
): Promise<TopicAdmin> {
  const admin = createKafka(config, clientId, logger, retries).admin();
  await admin.connect();
  const offsets = async (topic: string) => byPartition(await admin.fetchTopicOffsets(topic));
  const committed = async (groupId: string, topics?: string[]): Promise<CommittedOffset[]> => {
    const found = await admin.fetchOffsets({ groupId, ...(topics && { topics }) });
    return found
      .flatMap(({ topic, partitions }) => partitions.map(({ partition, offset }) => ({ topic, partition, offset })))
      .map(({ offset, ...place }) => ({ ...place, offset: Number(offset) }))
      .filter(({ offset }) => offset >= 0); // -1: nothing committed
  };
  return {
    ensureTopics: () => ensureTopics(admin),
    topicNames: () => admin.listTopics(),
    offsets,
    lag: async (groupId, topic) => {
      const at = new Map((await committed(groupId, [topic])).map(({ partition, offset }) => [partition, offset]));
      return (await offsets(topic)).map((place) => lagOf(place, at.get(place.partition)));
    },
    groupIds: async () => (await admin.listGroups()).groups.map(({ groupId }) => groupId).sort(),
    committed: (groupId) => committed(groupId),
    [Symbol.asyncDispose]: () => admin.disconnect(),
  };
}

/** How far a group is behind that has committed an offset of a partition, or nothing yet. */
export function lagOf({ partition, low, high }: PartitionOffsets, committed: number | undefined): PartitionLag {
  return { partition, committed, high, lag: Math.max(0, high - Math.max(low, committed ?? low)) };
}

function byPartition(rows: { partition: number; low: string; high: string }[]): PartitionOffsets[] {
  return rows
    .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
    .sort((a, b) => a.partition - b.partition);
}

const LEADER_WAIT = { attempts: 50, baseMs: 50, maxMs: 500 };

async function ensureTopics(admin: Admin): Promise<void> {
  const standing = new Set(await admin.listTopics());
  const topics = TOPIC_SPECS.filter(({ name }) => !standing.has(name)).map(({ name, partitions, retentionMs }) => ({
    topic: name,
    numPartitions: partitions,
    replicationFactor: 1,
    configEntries: [{ name: "retention.ms", value: `${retentionMs}` }],
  }));
  // Another process may create them at the same moment: kafkajs answers false then, and all is well.
  if (topics.length === 0) return;
  await admin.createTopics({ topics, waitForLeaders: true });
  // The broker names a leader a moment before it is one: until then nothing can be appended or asked.
  await retry(() => Promise.all(topics.map(({ topic }) => admin.fetchTopicOffsets(topic))), LEADER_WAIT);
}
