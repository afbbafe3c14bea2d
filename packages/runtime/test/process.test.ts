import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const program = fileURLToPath(new URL("./programs/counter.ts", import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function run(env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [program], { env: { ...process.env, LOG_FORMAT: "json", ...env } });
  children.push(child);
  return child;
}

/** Reads the process's log until it says at which port it listens. */
async function listening(child: ChildProcess): Promise<number> {
  if (child.stderr === null) throw new Error("no stderr");
  for await (const line of createInterface({ input: child.stderr })) {
    const entry = JSON.parse(line) as { msg: string; port?: number };
    if (entry.port !== undefined) {
      child.stderr.resume();
      return entry.port;
    }
  }
  throw new Error("ended before it listened");
}

test("a process tells that it lives, whether it is ready and what it counts, and ends with 0 at SIGTERM", async () => {
  const child = run({});
  const port = await listening(child);
  const health = await fetch(`http://127.0.0.1:${port}/health`);
  expect(await health.json()).toMatchObject({ status: "ok", service: "counter", pid: child.pid });
  const ready = await fetch(`http://127.0.0.1:${port}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({ ready: false, checks: { store: "away" } });
  const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(await metrics.text()).toContain('process_cpu_user_seconds_total{service="counter"}');
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
}, 30_000);

test("a process whose configuration does not hold names the variable and exits with 78", async () => {
  const child = run({ ADMIN_PORT: "seventy", LOG_LEVEL: "loud" });
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, "close");
  expect(code).toBe(78);
  expect(said).toContain("ADMIN_PORT");
  expect(said).toContain("LOG_LEVEL");
}, 30_000);
