export type { Redis } from "ioredis";
export { openRedis, redisEnv } from "./client.ts";
export * from "./fleetMap.ts";
export { type FleetMapWriter, startFleetMapWriter } from "./fleetMapWriter.ts";
