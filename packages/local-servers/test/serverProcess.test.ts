import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort, isAlive, portHolder, startTicks, stopServer } from "../src/index.ts";

const SLEEPER = "console.log('ready'); setInterval(() => undefined, 1000);";
const DEAF = `process.on("SIGTERM", () => undefined); ${SLEEPER}`;

async function startProgram(source: string): Promise<number> {
  const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  if (child.pid === undefined) throw new Error("the program did not start");
  return child.pid;
}

test("a process keeps its beginning while it lives and has none after its end", async () => {
  const pid = await startProgram(SLEEPER);
  const began = startTicks(pid);
  expect(began).toBeGreaterThan(0);
  expect(startTicks(pid)).toBe(began);
  await stopServer({ pid, stopSignal: "SIGTERM" });
  expect(isAlive(pid)).toBe(false);
  expect(startTicks(pid)).toBeUndefined();
});

test("a process that does not heed SIGTERM is killed", async () => {
  const pid = await startProgram(DEAF);
  await stopServer({ pid, stopSignal: "SIGTERM" }, 200);
  expect(isAlive(pid)).toBe(false);
});

test("a taken port is told with the process that holds it, a free one has no holder", async () => {
  const port = await freePort();
  expect(portHolder(port)).toBeUndefined();
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  try {
    expect(portHolder(port)?.pid).toBe(process.pid);
  } finally {
    server.close();
  }
});
