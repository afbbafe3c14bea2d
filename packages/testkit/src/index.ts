export * from "./programs.ts";
export * from "./servers.ts";
export type { TestServer } from "./testServer.ts";
export * from "./until.ts";
