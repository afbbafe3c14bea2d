import type { IHeaders, Kafka, PartitionMetadata } from "kafkajs";

/** A record of a partition as kafkajs decodes it; offsets and times as text. */
export interface FetchedRecord {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers?: IHeaders;
  /** A mark of a transaction, not a record of anybody's. */
  isControlRecord: boolean;
  batchContext?: { firstOffset: string; lastOffsetDelta: number };
}

interface FetchRequest {
  isolationLevel: number;
  /** How long the broker waits for `minBytes`, ms. */
  maxWaitTime: number;
  minBytes: number;
  maxBytes: number;
  topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
}

interface FetchResponse {
  responses: {
    topicName: string;
    partitions: { partition: number; highWatermark: string; messages: FetchedRecord[] }[];
  }[];
}

interface TopicPartitions {
  topic: string;
  partitions: { partition: number }[];
  fromBeginning: boolean;
}

/** The connections to a cluster, below consumers and their groups. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** With no topics named: of all of them. */
  metadata(of: { topics: string[] }): Promise<{
    clusterId: string | null;
    brokers: { nodeId: number; host: string; port: number }[];
    topicMetadata: { topic: string }[];
  }>;
  /** Loads the topic's metadata. */
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): PartitionMetadata[];
  /** Partitions by the id of the broker that leads them. */
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  findBroker(by: { nodeId: string }): Promise<{
    fetch(request: FetchRequest): Promise<FetchResponse>;
    /** By API key: the versions that the broker speaks. */
    versions: Record<string, { minVersion: number; maxVersion: number }>;
  }>;
  fetchTopicsOffset(
    topics: TopicPartitions[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
}

export const READ_UNCOMMITTED = 0;

/**
 * What kafkajs itself reads partitions with. Its public interface reads by way of a consumer group only, which costs a
 * reader that wants to keep no place a join and a rebalance, and leaves a group behind when it is killed. kafkajs keeps
 * this to itself, so it may change with kafkajs's version, which is pinned and patched here anyway.
 */
export function createCluster(kafka: Kafka): Cluster {
  const key = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === "private:Kafka:createCluster",
  );
  const create = key && (kafka as unknown as Record<symbol, (options: object) => Cluster>)[key];
  if (create === undefined) throw new Error("this version of kafkajs makes its clusters in another way");
  return create({ metadataMaxAge: 60_000, allowAutoTopicCreation: false, isolationLevel: READ_UNCOMMITTED });
}
