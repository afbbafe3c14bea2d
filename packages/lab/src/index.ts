export * from "./herd/herd.ts";
export * from "./herd/judgement.ts";
export * from "./herd/lowerBound.ts";
export * from "./herd/outcome.ts";
export * from "./herd/policies.ts";
export * from "./herd/record.ts";
