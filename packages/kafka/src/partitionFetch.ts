import type { Logger } from "@greenlane/runtime";
import type { IHeaders } from "kafkajs";
import { createKafka, type KafkaConfig } from "./client.ts";
import { type Cluster, createCluster, type FetchedRecord, READ_UNCOMMITTED } from "./cluster.ts";
import type { PartitionOffsets } from "./topics.ts";

/** A record and where it lies. */
export interface TopicRecord {
  partition: number;
  offset: number;
  /** Unix ms, as the producer or the broker set it. */
  timestampMs: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
}

/** The broker knows no topic of that name. */
export class UnknownTopic extends Error {
  override name = "UnknownTopic";
}

/** What one round of requests brought. */
export interface Fetched {
  /** In the order of their time. */
  records: TopicRecord[];
  /** The offset to go on from, and the one that the next record written will get. */
  partitions: { partition: number; next: number; high: number }[];
}

const RETRIES = 1;
/** How long the broker waits for a first record at the log's end. */
const MAX_WAIT_MS = 200;
/** Of one answer, and of one partition in it: several partitions advance side by side. */
const MAX_BYTES = 1024 * 1024;
const MAX_BYTES_PER_PARTITION = 128 * 1024;

const typeOf = (error: unknown) => (error instanceof Error ? (error as Error & { type?: unknown }).type : undefined);

/** Whether retention has taken the records that were asked for, or the topic was made anew. */
export const isOutOfRange = (error: unknown) => typeOf(error) === "OFFSET_OUT_OF_RANGE";

/** Connects to those who hold a topic. @throws UnknownTopic, or what kafkajs throws when no broker answers */
export async function connectToTopic(
  config: KafkaConfig,
  topic: string,
  clientId: string,
  logger: Logger,
): Promise<Cluster> {
  const cluster = createCluster(createKafka(config, clientId, logger, RETRIES));
  try {
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    return cluster;
  } catch (error) {
    await cluster.disconnect();
    const type = typeOf(error);
    if (type === "UNKNOWN_TOPIC_OR_PARTITION" || type === "INVALID_TOPIC_EXCEPTION") {
      throw new UnknownTopic(`there is no topic ${topic}`, { cause: error });
    }
    throw error;
  }
}

/** First and next offsets of a topic's partitions, in their order. */
export async function fetchOffsets(cluster: Cluster, topic: string): Promise<PartitionOffsets[]> {
  const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId }));
  const ends = async (fromBeginning: boolean) => {
    const [found] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning }]);
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  };
  const [lows, highs] = await Promise.all([ends(true), ends(false)]);
  return partitions
    .map(({ partition }) => ({ partition, low: lows.get(partition) ?? 0, high: highs.get(partition) ?? 0 }))
    .sort((a, b) => a.partition - b.partition);
}

/** One request to each broker that leads one of the partitions, for what lies at the positions given. */
export async function fetchFrom(
  cluster: Cluster,
  topic: string,
  positions: ReadonlyMap<number, number>,
): Promise<Fetched> {
  const leaders = cluster.findLeaderForPartitions(topic, [...positions.keys()]);
  const answers = await Promise.all(
    Object.entries(leaders).map(async ([nodeId, partitions]) => {
      const broker = await cluster.findBroker({ nodeId });
      const wanted = partitions.map((partition) => ({
        partition,
        fetchOffset: `${positions.get(partition) ?? 0}`,
        maxBytes: MAX_BYTES_PER_PARTITION,
      }));
      return broker.fetch({
        isolationLevel: READ_UNCOMMITTED,
        maxWaitTime: MAX_WAIT_MS,
        minBytes: 1,
        maxBytes: MAX_BYTES,
        topics: [{ topic, partitions: wanted }],
      });
    }),
  );
  const read = answers.flatMap(({ responses }) => responses.flatMap(({ partitions }) => partitions));
  const records: TopicRecord[] = [];
  const partitions = read.map(({ partition, highWatermark, messages }) => {
    const position = positions.get(partition) ?? 0;
    for (const message of messages) {
      // A batch comes whole, also when it is asked for from its middle on.
      if (Number(message.offset) >= position && !message.isControlRecord) records.push(asRecord(partition, message));
    }
    return { partition, next: Math.max(position, endOf(messages)), high: Number(highWatermark) };
  });
  records.sort((a, b) => a.timestampMs - b.timestampMs || a.partition - b.partition || a.offset - b.offset);
  return { records, partitions };
}

/** The offset behind some records, and behind what compaction took of the end of their batch. */
function endOf(messages: FetchedRecord[]): number {
  const last = messages.at(-1);
  if (last === undefined) return 0;
  const { batchContext } = last;
  const batchEnd = batchContext === undefined ? 0 : Number(batchContext.firstOffset) + batchContext.lastOffsetDelta;
  return Math.max(Number(last.offset), batchEnd) + 1;
}

const asRecord = (partition: number, { offset, timestamp, key, value, headers = {} }: FetchedRecord): TopicRecord => ({
  partition,
  offset: Number(offset),
  timestampMs: Number(timestamp),
  key,
  value,
  headers,
});
