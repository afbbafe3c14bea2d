export * from "./batchConsumer.ts";
export * from "./bookingEvents.ts";
export { createKafka, type KafkaConfig, kafkaEnv } from "./client.ts";
export * from "./clusterDescription.ts";
export * from "./logWriter.ts";
export { type TopicRecord, UnknownTopic } from "./partitionFetch.ts";
export * from "./topicReader.ts";
export * from "./topics.ts";
