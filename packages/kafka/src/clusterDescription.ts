import type { Logger } from "@greenlane/runtime";
import { createKafka, type KafkaConfig } from "./client.ts";
import { createCluster } from "./cluster.ts";

/** What a cluster tells of itself. */
export interface ClusterDescription {
  clusterId: string;
  brokers: { nodeId: number; address: string }[];
  /** Without those of Kafka itself. */
  topics: string[];
  /** The newest version of the Fetch request that its brokers speak: Kafka names no version of its own. */
  fetchVersion: number;
  /** How long the question took over a connection that stood, ms. */
  latencyMs: number;
}

const RETRIES = 1;
/** Fetch's key in the Kafka protocol. */
const FETCH = 1;

/** Asks a cluster what it is. @throws what kafkajs throws when no broker answers */
export async function describeCluster(
  config: KafkaConfig,
  clientId: string,
  logger: Logger,
): Promise<ClusterDescription> {
  const cluster = createCluster(createKafka(config, clientId, logger, RETRIES));
  try {
    await cluster.connect();
    const first = await cluster.metadata({ topics: [] });
    const startedMs = performance.now();
    const { clusterId, brokers, topicMetadata } = await cluster.metadata({ topics: [] });
    const latencyMs = performance.now() - startedMs;
    const broker = await cluster.findBroker({ nodeId: `${first.brokers[0]?.nodeId}` });
    return {
      clusterId: clusterId ?? "",
      brokers: brokers.map(({ nodeId, host, port }) => ({ nodeId, address: `${host}:${port}` })),
      topics: topicMetadata
        .map(({ topic }) => topic)
        .filter((topic) => !topic.startsWith("__"))
        .sort(),
      fetchVersion: broker.versions[FETCH]?.maxVersion ?? 0,
      latencyMs,
    };
  } finally {
    await cluster.disconnect();
  }
}
