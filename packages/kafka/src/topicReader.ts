import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs, type Logger } from "@greenlane/runtime";
import { type IHeaders, Partitioners } from "kafkajs";
import { createKafka, type KafkaConfig } from "./client.ts";
import { type Cluster, createCluster, type FetchedRecord, READ_UNCOMMITTED } from "./cluster.ts";
import type { PartitionOffsets } from "./topics.ts";
import { untilAborted } from "./untilAborted.ts";

/** A record and where it lies. */
export interface TopicRecord {
  partition: number;
  offset: number;
  /** Unix ms, as the producer, or the broker, set it. */
  timestampMs: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
}

/** The broker knows no topic of that name. */
export class UnknownTopic extends Error {
  override name = "UnknownTopic";
}

/** What one request brought, the records in the order of their time. */
export interface FollowedBatch {
  records: TopicRecord[];
  /** The next offset to be read, by partition. */
  positions: ReadonlyMap<number, number>;
  /** Records that the log holds past these. */
  behind: number;
  /** Passes over what the log holds past these. @returns how many records that were */
  skipToEnd(): number;
}

export interface FollowOptions {
  /** The first offset to be read, by partition. */
  from: ReadonlyMap<number, number>;
  /** Ends the reading. */
  signal: AbortSignal;
  /** Kafka stopped answering; reading goes on when it is back. */
  onAway: (error: unknown) => void;
  onBack: () => void;
}

/** Reads a topic by offsets of the reader's own choice, without a consumer group. */
export interface TopicReader extends AsyncDisposable {
  /** First and next offsets, in the order of partitions. */
  offsets(): Promise<PartitionOffsets[]>;
  /** The partition in which the writers of GreenLane put a key. */
  partitionOf(key: string): number;
  /** The records of one partition from an offset until just before another. @throws Error when Kafka fails */
  readRange(partition: number, from: number, to: number): Promise<TopicRecord[]>;
  /** Reads what is there and then what comes, until the signal; never ends by itself. A consumer that waits is waited for. */
  follow(options: FollowOptions): AsyncGenerator<FollowedBatch, void>;
}

const RETRIES = 1;
/** How long the broker waits for a first record at the log's end. */
const MAX_WAIT_MS = 200;
/** Bytes of one answer, and of one partition in it: several partitions advance side by side. */
const MAX_BYTES = 1024 * 1024;
const MAX_BYTES_PER_PARTITION = 128 * 1024;
const RECONNECT = { baseMs: 200, maxMs: 2_000 };
const ABSENT = new Set(["UNKNOWN_TOPIC_OR_PARTITION", "INVALID_TOPIC_EXCEPTION"]);

interface Fetched {
  records: TopicRecord[];
  partitions: { partition: number; next: number; high: number }[];
}

/** Opens a reader of one topic. @throws UnknownTopic, or what kafkajs throws when no broker answers */
export async function openTopicReader(
  config: KafkaConfig,
  topic: string,
  clientId: string,
  logger: Logger,
): Promise<TopicReader> {
  const connect = () => connectTo(config, topic, clientId, logger);
  let cluster: Cluster | undefined = await connect();

  /** The connection, or a new one in the place of one that failed. */
  async function connected(): Promise<Cluster> {
    cluster ??= await connect();
    return cluster;
  }

  /** Does something over the connection, which is given up when that fails: it may be half dead. */
  async function over<Result>(work: (cluster: Cluster) => Promise<Result>): Promise<Result> {
    const used = await connected();
    try {
      return await work(used);
    } catch (error) {
      if (cluster === used) cluster = undefined;
      used.disconnect().catch((err: unknown) => logger.debug({ err }, "a failed connection did not close"));
      throw error;
    }
  }

  const partitions = cluster.findTopicPartitionMetadata(topic);
  const partitioner = Partitioners.DefaultPartitioner();
  const offsets = () => over((used) => offsetsOf(used, topic));

  return {
    offsets,
    partitionOf: (key) => partitioner({ topic, partitionMetadata: partitions, message: { key, value: null } }),
    async readRange(partition, from, to) {
      const records: TopicRecord[] = [];
      for (let position = from; position < to; ) {
        const positions = new Map([[partition, position]]);
        const fetched = await over((used) => fetchFrom(used, topic, positions));
        records.push(...fetched.records.filter(({ offset }) => offset < to));
        const next = fetched.partitions[0]?.next ?? position;
        if (next === position) break; // the broker has nothing there, though it had: retention took it
        position = next;
      }
      return records;
    },
    async *follow({ from, signal, onAway, onBack }) {
      const positions = new Map(from);
      const highs = new Map<number, number>();
      let failures = 0;
      while (!signal.aborted) {
        try {
          const { records, partitions: read } = await untilAborted(
            over((used) => fetchFrom(used, topic, positions)),
            signal,
          );
          if (failures > 0) onBack();
          failures = 0;
          for (const { partition, next, high } of read) {
            positions.set(partition, next);
            highs.set(partition, high);
          }
          const behindOf = (partition: number) => Math.max(0, (highs.get(partition) ?? 0) - (positions.get(partition) ?? 0));
          const behind = [...positions.keys()].reduce((sum, partition) => sum + behindOf(partition), 0);
          const skipToEnd = () => {
            for (const [partition, high] of highs) positions.set(partition, Math.max(high, positions.get(partition) ?? 0));
            return behind;
          };
          yield { records, positions, behind, skipToEnd };
        } catch (error) {
          if (signal.aborted) return;
          if (isOutOfRange(error)) {
            await moveIntoRange(positions, await over((used) => offsetsOf(used, topic)));
            continue;
          }
          if (failures === 0) onAway(error);
          await untilAborted(sleep(backoffMs(failures++, RECONNECT)), signal);
        }
      }
    },
    [Symbol.asyncDispose]: async () => {
      await cluster?.disconnect();
    },
  };
}
