import { TOPIC_SPECS, type TopicName } from "@greenlane/contracts";
import type { Logger } from "@greenlane/runtime";
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

export interface TopicAdmin extends AsyncDisposable {
  /** Creates the topics that are missing; those that stand are left as they are. */
  ensureTopics(): Promise<void>;
  topicNames(): Promise<string[]>;
  offsets(topic: string): Promise<PartitionOffsets[]>;
  lag(groupId: string, topic: TopicName): Promise<PartitionLag[]>;
  /** Forgets a group and its offsets; it must have no members. */
  deleteGroup(groupId: string): Promise<void>;
}

/** Opens an administration connection. */
export async function openTopicAdmin(config: KafkaConfig, clientId: string, logger: Logger): Promise<TopicAdmin> {
  const admin = createKafka(config, clientId, logger).admin();
  await admin.connect();
  const offsets = async (topic: string) => byPartition(await admin.fetchTopicOffsets(topic));
  return {
    ensureTopics: () => ensureTopics(admin),
    topicNames: () => admin.listTopics(),
    offsets,
    lag: async (groupId, topic) => {
      const committed = new Map<number, number>();
      for (const entry of await admin.fetchOffsets({ groupId, topics: [topic] })) {
        for (const { partition, offset } of entry.partitions) {
          if (Number(offset) >= 0) committed.set(partition, Number(offset));
        }
      }
      return (await offsets(topic)).map(({ partition, low, high }) => ({
        partition,
        committed: committed.get(partition),
        high,
        lag: Math.max(0, high - (committed.get(partition) ?? low)),
      }));
    },
    deleteGroup: async (groupId) => void (await admin.deleteGroups([groupId])),
    [Symbol.asyncDispose]: () => admin.disconnect(),
  };
}

function byPartition(rows: { partition: number; low: string; high: string }[]): PartitionOffsets[] {
  return rows
    .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
    .sort((a, b) => a.partition - b.partition);
}

async function ensureTopics(admin: Admin): Promise<void> {
  const standing = new Set(await admin.listTopics());
  const topics = TOPIC_SPECS.filter(({ name }) => !standing.has(name)).map(({ name, partitions, retentionMs }) => ({
    topic: name,
    numPartitions: partitions,
    replicationFactor: 1,
    configEntries: [{ name: "retention.ms", value: `${retentionMs}` }],
  }));
  // Another process may create them at the same moment: kafkajs answers false then, and all is well.
  if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
}
