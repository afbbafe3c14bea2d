#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { openOutput } from "./output.ts";

enableCompileCache(); // what is imported below starts in half the time from the second run on
const { greenlane } = await import("./program.ts");

const INTERRUPTED = 130;

function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(INTERRUPTED);
      interrupted.abort();
    });
  }
  return interrupted.signal;
}

const terminal = { out: openOutput(process.stdout), err: openOutput(process.stderr), env: process.env, interruption };
// What is still open, such as a server's connection that does not close, does not keep the operator waiting.
process.exit(await greenlane(process.argv.slice(2), terminal));
