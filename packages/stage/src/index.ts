export * from "./children.ts";
export * from "./cpu.ts";
export * from "./program.ts";
export * from "./servers.ts";
export * from "./serviceProcesses.ts";
