import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeTelemetry, type Telemetry, TOPICS } from "@greenlane/contracts";
import { openLogWriter, openTopicAdmin } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";
import { startKafka, type TestServer, until } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startGreenlane } from "./programs.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GREENLANE = `exec "${process.execPath}" cli/src/main.ts`;
/** More than a pipe, a terminal and the program together hold. */
const MANY = 20_000;

let kafka: TestServer;
let env: Record<string, string>;
const config = () => ({ KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 5_000 });

beforeAll(async () => {
  kafka = await startKafka();
  env = { KAFKA_BROKERS: kafka.url, TZ: "UTC", TERM: "xterm-256color", PATH: process.env.PATH ?? "" };
  await using topics = await openTopicAdmin(config(), "test", silentLogger);
  await topics.ensureTopics();
});
afterAll(async () => {
  await kafka[Symbol.asyncDispose]();
});

const place = { latitude: 40.7, longitude: -74, chargingStationId: "", sessionId: "", energyKwh: 0, odometerKm: 0 };
const event = (n: number): Telemetry => ({
  ...{ ...place, carId: `CAR-${n}`, timestampMs: Date.now(), batteryPercent: 50, velocityKmh: 30 },
});

/** Writes so many events to the log, and one of car `LAST`. @returns the bytes of their values */
async function writeEvents(count: number): Promise<number> {
  await using log = await openLogWriter(config(), "test", silentLogger);
  const events = [...Array.from({ length: count }, (_, n) => event(n)), { ...event(count), carId: "LAST" }];
  let bytes = 0;
  for (let from = 0; from < events.length; from += 2_000) {
    const records = events.slice(from, from + 2_000).map((t) => ({ key: t.carId, value: encodeTelemetry(t) }));
    await log.append(TOPICS.fleetEvents, records);
    for (const { value } of records) bytes += value.length;
  }
  return bytes;
}

/** What a process has read so far, from files and sockets. */
const bytesReadBy = (pid: number) => Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);

/** Writes many events, and waits until a view has read them; only what frames them in the log may be under way. */
async function writeManyFor(pid: number): Promise<void> {
  const before = bytesReadBy(pid);
  const bytes = await writeEvents(MANY);
  await until("the view has read on", () => bytesReadBy(pid) - before > bytes);
}

/** Runs a line of shell, whose output is read only from `read()` on. */
function startShell(script: string) {
  const child = spawn("bash", ["--norc", "-c", script], { cwd: ROOT, env, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const closed = once(child, "close");
  return {
    child,
    read: () => void child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text)),
    stdout: () => stdout,
    stderr: () => stderr,
    async exitCode(): Promise<number | null> {
      await closed;
      return child.exitCode;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      child.stdin.destroy(); // ends those who read from it
      await closed;
    },
  };
}

/** The pid that a script said on stderr, as `pid N`. */
const pidIn = (shell: { stderr: () => string }) =>
  until("the view runs", () => /^pid (\d+)$/m.exec(shell.stderr())?.[1]).then(Number);

const shownIn = (text: string) => text.match(/ \| Battery: /g)?.length ?? 0;
const droppedIn = (text: string) =>
  [...text.matchAll(/… (\d+) events not shown/g)].reduce((sum, [, count]) => sum + Number(count), 0);

// The first one, while the log holds little.
test("the log from its beginning is shown in full, into a file and into a slow pipe, up to the end at Ctrl-C", async () => {
  await writeEvents(MANY);
  await using topics = await openTopicAdmin(config(), "test", silentLogger);
  const records = (await topics.offsets(TOPICS.fleetEvents)).reduce((sum, { high }) => sum + high, 0);
  const isAll = (text: string) => shownIn(text) === records;

  using folder = mkdtempDisposableSync(join(tmpdir(), "greenlane-cli-"));
  const file = join(folder.path, "live.txt");
  const args = ["live", "--from-beginning"];
  await using toFile = startGreenlane(args, env, { stdio: ["ignore", openSync(file, "w"), "inherit"] });
  await until("all is in the file", () => isAll(readFileSync(file, "utf8")));
  toFile.child.kill("SIGINT");
  expect((await toFile.ended()).exitCode).toBe(0);
  expect(readFileSync(file, "utf8")).toMatch(/\n {2}not shown {3}0\n$/);

  // bash reads it line by line.
  await using shell = startShell(
    `(echo "pid $BASHPID" >&2; ${GREENLANE} ${args.join(" ")}) | while read -r line; do echo "$line"; done`,
  );
  shell.read();
  const pid = await pidIn(shell);
  await until("all came through the pipe", () => isAll(shell.stdout()));
  process.kill(pid, "SIGINT");
  await shell.exitCode();
  expect(shell.stdout()).toMatch(/\nnot shown {3}0\n$/);
});

/** Live, into a pipe whose reader passes on the banner, then waits for a line on standard input before it reads on. */
const INTO_SLOW_PIPE = `exec 3<&0; (echo "pid $BASHPID" >&2; ${GREENLANE} live </dev/null) |
  { for line in 1 2 3 4; do read -r banner && echo "$banner"; done; read -r go <&3; cat; }`;

test("a reader that stops reading finds the newest events, and the number of those that were left out", async () => {
  await using shell = startShell(INTO_SLOW_PIPE);
  shell.read();
  const pid = await pidIn(shell);
  await until("the banner is there", () => shell.stdout().includes("Monitoring"));
  await writeManyFor(pid);
  shell.child.stdin.write("go\n");
  await until("the newest event is shown", () => shell.stdout().includes(" LAST "));
  process.kill(pid, "SIGINT");
  await shell.exitCode();
  expect(droppedIn(shell.stdout())).toBeGreaterThan(0);
  expect(shownIn(shell.stdout()) + droppedIn(shell.stdout())).toBe(MANY + 1);
  expect(shell.stdout()).toContain(`events      ${MANY + 1} `);
  expect(shell.stdout()).toContain(`not shown   ${droppedIn(shell.stdout())}\n`);
});

test("a program that reads too slowly gets JSON only, and is told beside it how much it missed", async () => {
  await using shell = startShell(`exec 3<&0; (echo "pid $BASHPID" >&2; ${GREENLANE} live --json </dev/null) |
    { read -r first; echo "$first"; read -r go <&3; cat; }`);
  shell.read();
  const pid = await pidIn(shell);
  await until("the view reads the log", async () => {
    await writeEvents(1);
    return shell.stdout() !== "";
  });
  await writeManyFor(pid);
  shell.child.stdin.write("go\n");
  await until("the newest event is there", () => shell.stdout().includes(`"CAR-${MANY - 1}"`));
  process.kill(pid, "SIGINT");
  await shell.exitCode();
  for (const line of shell.stdout().trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("car_id");
  expect(shell.stderr()).toMatch(/^greenlane: \d+ events not shown: this reader is too slow$/m);
  expect(shell.stderr()).toMatch(/^greenlane: \d+ events not shown in all$/m);
});

test("a view ends at SIGTERM with exit code 0 though its reader does not read", async () => {
  await using shell = startShell(`${INTO_SLOW_PIPE}; echo "exit code \${PIPESTATUS[0]}" >&2`);
  shell.read();
  const pid = await pidIn(shell);
  await until("the banner is there", () => shell.stdout().includes("Monitoring"));
  await writeManyFor(pid);
  process.kill(pid, "SIGTERM");
  await until("the view has ended", () => !isRunning(pid));
  shell.child.stdin.write("go\n");
  await shell.exitCode();
  expect(shell.stderr()).toContain("exit code 0");
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false; // gone
  }
}

/** A container or a chroot may have no pseudo-terminals (devpts); what is true of terminals cannot be seen there. */
const hasTerminals = spawnSync("script", ["-qec", "true", "/dev/null"]).status === 0;
const terminalTest = test.skipIf(!hasTerminals);

terminalTest(
  "a terminal that stops does not stop the view: it moves on with the newest events and says what it left out",
  async () => {
    const inTerminal = `stty -echo; echo "pid $$" >&9; ${GREENLANE} live`;
    await using shell = startShell(`exec 9>&2; script -qec '${inTerminal.replaceAll("'", "'\\''")}' /dev/null`);
    const pid = await pidIn(shell);
    shell.read();
    await until("the banner is there", () => shell.stdout().includes("Monitoring"));
    shell.child.stdout.pause();
    await writeManyFor(pid);
    shell.child.stdout.resume();
    await until("the newest event is shown", () => shell.stdout().includes(" LAST "));
    shell.child.stdin.write("\u0003"); // Ctrl-C
    expect(await shell.exitCode()).toBe(0);
    const dropped = droppedIn(shell.stdout());
    expect(dropped).toBeGreaterThan(0);
    expect(shell.stdout()).toMatch(new RegExp(`not shown +${dropped}\r?\n`));
  },
);

test("a pipe whose reader leaves ends the view with exit code 0, and no consumer group is left", async () => {
  await writeEvents(100);
  await using shell = startShell(
    `${GREENLANE.replace("exec ", "")} live --from-beginning | head -3; exit \${PIPESTATUS[0]}`,
  );
  shell.read();
  expect(await shell.exitCode()).toBe(0);
  expect(shell.stdout().split("\n")).toHaveLength(4);
  await using topics = await openTopicAdmin(config(), "test", silentLogger);
  expect(await topics.groupIds()).toEqual([]);
});

terminalTest("colour is for terminals only, and not where it is unwanted", async () => {
  const coloured = async (command: string, terminal: boolean): Promise<boolean> => {
    const line = `${GREENLANE} live --from-beginning ${command}`;
    await using shell = startShell(terminal ? `script -qec '${line}' /dev/null` : line);
    shell.read();
    await until("an event is shown", () => shownIn(shell.stdout()) > 0);
    return shell.stdout().includes("\u001b[");
  };
  expect(await coloured("", true)).toBe(true);
  expect(await coloured("--no-color", true)).toBe(false);
  expect(await coloured("", false)).toBe(false);
  env.NO_COLOR = "1";
  expect(await coloured("", true)).toBe(false);
  delete env.NO_COLOR;
});

test("output that cannot be kept ends a command with exit code 1, and it says why", async () => {
  await using shell = startShell(`${GREENLANE} --help > /dev/full`);
  expect(await shell.exitCode()).toBe(1);
  expect(shell.stderr()).toMatch(/^greenlane: the output cannot be written: .*ENOSPC.*\n$/);
});

test("a tail that follows shows what is newest, then what comes, and ends at Ctrl-C with exit code 0", async () => {
  await writeEvents(1);
  await using program = startGreenlane(["tail", TOPICS.fleetEvents, "-n", "1", "--follow", "--json"], env);
  const keys = () => program.said.stdout.match(/"key":"[^"]+"/g) ?? [];
  await until("the newest record is shown", () => keys().length === 1);
  await writeEvents(2);
  await until("what came is shown", () => keys().length === 4);
  program.child.kill("SIGINT");
  expect((await program.ended()).exitCode).toBe(0);
  expect(keys().toSorted()).toEqual(['"key":"CAR-0"', '"key":"CAR-1"', '"key":"LAST"', '"key":"LAST"']);
});
