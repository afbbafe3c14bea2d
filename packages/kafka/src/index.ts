export * from "./batchConsumer.ts";
export { createKafka, type KafkaConfig, kafkaEnv } from "./client.ts";
export * from "./logWriter.ts";
export * from "./topics.ts";
