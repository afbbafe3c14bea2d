import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isAlive, type ServerProcess } from "../src/index.ts";
import { runProgram, startServer } from "../src/serverProcess.ts";

const SLEEPER = ["-e", "setInterval(() => undefined, 1000)"];
const interruption = new Error("interrupted");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenlane-start-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const spec = () => ({ dataDir: folder, port: 0, logFile: join(folder, "log"), detached: true });

test("a start that is interrupted while the server comes up ends that server", async () => {
  const interrupted = new AbortController();
  const spawned: ServerProcess[] = [];
  const onSpawn = (server: ServerProcess) => {
    spawned.push(server);
    interrupted.abort(interruption);
  };
  const start = startServer(
    { ...spec(), onSpawn, signal: interrupted.signal },
    { command: process.execPath, args: SLEEPER },
    async () => false,
  );
  await expect(start).rejects.toBe(interruption);
  expect(spawned.map(({ pid }) => isAlive(pid))).toEqual([false]);
});

test("a start that was interrupted before it began starts nothing", async () => {
  const onSpawn = () => expect.unreachable();
  const start = startServer(
    { ...spec(), onSpawn, signal: AbortSignal.abort(interruption) },
    { command: process.execPath, args: SLEEPER },
    async () => true,
  );
  await expect(start).rejects.toBe(interruption);
});

test("an interruption ends the program that prepares a server's data", async () => {
  const interrupted = new AbortController();
  const pidFile = join(folder, "pid");
  const source = `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); ${SLEEPER[1]}`;
  const run = runProgram(
    { ...spec(), signal: interrupted.signal },
    { command: process.execPath, args: ["-e", source] },
  );
  const pid = await vi.waitUntil(() => existsSync(pidFile) && Number(readFileSync(pidFile, "utf8")), 60_000);
  interrupted.abort(interruption);
  await expect(run).rejects.toBe(interruption);
  expect(isAlive(pid)).toBe(false);
});
