export * from "./adminServer.ts";
export * from "./backoff.ts";
export * from "./clock.ts";
export * from "./env.ts";
export * from "./logger.ts";
export * from "./metrics.ts";
export * from "./service.ts";
