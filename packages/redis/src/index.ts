export * from "./channels.ts";
export { openRedis, type Redis, redisEnv } from "./client.ts";
export * from "./connectOnce.ts";
export * from "./fleetMap.ts";
export { type FleetMapWriter, startFleetMapWriter } from "./fleetMapWriter.ts";
export * from "./leases.ts";
export { redisHosts } from "./redisUrl.ts";
export * from "./slots.ts";
export * from "./stationMap.ts";
