export { kafkaJars, MissingProgram } from "./binaries.ts";
export * from "./engine.ts";
export { firstAnswer } from "./firstAnswer.ts";
export * from "./folders.ts";
export { kafkaAnswers, startKafkaServer } from "./kafka.ts";
export * from "./ports.ts";
export { postgresAnswers, postgresMayEnter, startPostgresServer } from "./postgres.ts";
export { redisAnswers, startRedisServer } from "./redis.ts";
export {
  isAlive,
  logTail,
  type RunningServer,
  type ServerProcess,
  type ServerSpec,
  startedAtMs,
  startTicks,
  stopServer,
} from "./serverProcess.ts";
