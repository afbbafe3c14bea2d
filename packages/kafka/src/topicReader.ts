import { backoffMs, type Logger, pause, unlessAborted } from "@greenlane/runtime";
import { Partitioners } from "kafkajs";
import type { KafkaConfig } from "./client.ts";
import type { Cluster } from "./cluster.ts";
import {
  connectToTopic,
  type Fetched,
  fetchFrom,
  fetchOffsets,
  isOutOfRange,
  type TopicRecord,
} from "./partitionFetch.ts";
import type { PartitionOffsets } from "./topics.ts";

export interface FollowOptions {
  /** The first offset to be read, by partition; partitions left out are not read. */
  from: ReadonlyMap<number, number>;
  /** Ends the reading. */
  signal: AbortSignal;
  /** Kafka stopped answering; the reading goes on by itself when it is back. */
  onAway: (error: unknown) => void;
  onBack: () => void;
}

/** What came with one request. */
export interface FollowedBatch {
  /** In the order of their time. */
  records: TopicRecord[];
  /** The offset to be read next, by partition. */
  positions: ReadonlyMap<number, number>;
  /** Records that the log holds past these. */
  behind: number;
  /** Leaves out what the log holds past these. */
  skipToEnd(): void;
}

/** Reads a topic from places of the reader's own choice, without a consumer group. */
export interface TopicReader extends AsyncDisposable {
  /** First and next offsets, in the order of partitions. */
  offsets(): Promise<PartitionOffsets[]>;
  /** The partition that GreenLane's writers put a key into. */
  partitionOf(key: string): number;
  /** The records of one partition from an offset until just before another. */
  readRange(partition: number, from: number, to: number): Promise<TopicRecord[]>;
  /** Reads what is there, then what comes, until the signal. The next request waits until the last batch is dealt with. */
  follow(options: FollowOptions): AsyncGenerator<FollowedBatch, void>;
}

const RECONNECT = { baseMs: 200, maxMs: 2_000 };

/** Opens a reader of one topic. @throws UnknownTopic, or what kafkajs throws when no broker answers */
export async function openTopicReader(
  config: KafkaConfig,
  topic: string,
  clientId: string,
  logger: Logger,
): Promise<TopicReader> {
  const connect = () => connectToTopic(config, topic, clientId, logger);
  let standing: Cluster | undefined = await connect();
  const partitionMetadata = standing.findTopicPartitionMetadata(topic);
  const partitioner = Partitioners.DefaultPartitioner();

  /** Asks over the connection; one that fails may be half dead, and is replaced when it is needed next. */
  async function ask<Answer>(question: (cluster: Cluster) => Promise<Answer>): Promise<Answer> {
    standing ??= await connect();
    const cluster = standing;
    try {
      return await question(cluster);
    } catch (error) {
      if (isOutOfRange(error)) throw error;
      standing = undefined;
      cluster.disconnect().catch((err: unknown) => logger.debug({ err }, "a failed connection did not close"));
      throw error;
    }
  }

  const offsets = () => ask((cluster) => fetchOffsets(cluster, topic));

  /** The next answer that Kafka gives, however long it is away; undefined when the signal ended the wait. */
  async function fetchPatiently(positions: Map<number, number>, options: FollowOptions): Promise<Fetched | undefined> {
    let outOfRange = false;
    for (let failures = 0; !options.signal.aborted; ) {
      try {
        if (outOfRange) moveIntoRange(positions, await offsets());
        outOfRange = false;
        const fetched = await unlessAborted(
          ask((cluster) => fetchFrom(cluster, topic, positions)),
          options.signal,
        );
        if (failures > 0) options.onBack();
        return fetched;
      } catch (error) {
        if (options.signal.aborted) return undefined;
        outOfRange = isOutOfRange(error);
        if (outOfRange) continue;
        if (failures === 0) options.onAway(error);
        await pause(backoffMs(failures++, RECONNECT), options.signal);
      }
    }
    return undefined;
  }

  return {
    offsets,
    partitionOf: (key) => partitioner({ topic, partitionMetadata, message: { key, value: null } }),
    async readRange(partition, from, to) {
      const records: TopicRecord[] = [];
      for (let position = from; position < to; ) {
        const fetched = await ask((cluster) => fetchFrom(cluster, topic, new Map([[partition, position]])));
        records.push(...fetched.records.filter(({ offset }) => offset < to));
        const next = fetched.partitions[0]?.next ?? position;
        if (next === position) break; // nothing lies there, though the partition's end is further on
        position = next;
      }
      return records;
    },
    async *follow(options) {
      const positions = new Map(options.from);
      const ends = new Map<number, number>();
      for (;;) {
        const fetched = await fetchPatiently(positions, options);
        if (fetched === undefined) return;
        for (const { partition, next, high } of fetched.partitions) {
          positions.set(partition, next);
          ends.set(partition, Math.max(next, high));
        }
        let behind = 0;
        for (const [partition, end] of ends) behind += end - (positions.get(partition) ?? end);
        const skipToEnd = () => {
          for (const [partition, end] of ends) positions.set(partition, end);
        };
        yield { records: fetched.records, positions, behind, skipToEnd };
      }
    },
    [Symbol.asyncDispose]: async () => standing?.disconnect(),
  };
}

/** Moves each position to the nearest offset that its partition holds. */
function moveIntoRange(positions: Map<number, number>, offsets: PartitionOffsets[]): void {
  for (const { partition, low, high } of offsets) {
    const position = positions.get(partition);
    if (position !== undefined) positions.set(partition, Math.min(Math.max(position, low), high));
  }
}
