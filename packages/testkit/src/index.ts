export * from "./cuttableProxy.ts";
export * from "./programs.ts";
export * from "./redisCluster.ts";
export * from "./servers.ts";
export type { TestServer } from "./testServer.ts";
export * from "./until.ts";
