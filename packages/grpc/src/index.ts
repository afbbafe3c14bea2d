export * from "./admission.ts";
export * from "./config.ts";
export * from "./resetStream.ts";
export * from "./server.ts";
