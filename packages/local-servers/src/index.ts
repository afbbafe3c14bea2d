export { MissingProgram } from "./binaries.ts";
export { startKafkaServer } from "./kafka.ts";
export * from "./ports.ts";
export { startPostgresServer } from "./postgres.ts";
export { startRedisServer } from "./redis.ts";
export { isAlive, logTail, type RunningServer, type ServerSpec, startTicks, stopServer } from "./serverProcess.ts";
