import * as fc from "fast-check";
import type { Output } from "../../../cli/src/output.ts";
import { greenlane } from "../../../cli/src/program.ts";
import type { FuzzTarget } from "../target.ts";

/** Nobody listens there. */
const NOWHERE = {
  KAFKA_BROKERS: "127.0.0.1:1",
  REDIS_URL: "redis://127.0.0.1:1",
  DATABASE_URL: "postgresql://greenlane:secret@127.0.0.1:1/greenlane",
  GRID_URL: "http://127.0.0.1:2",
  INGESTION_ADMIN_URL: "http://127.0.0.1:2",
  PRICING_WORKER_ADMIN_URL: "http://127.0.0.1:2",
  INGESTION_TARGET: "127.0.0.1:1",
  BOOKING_ADMIN_URL: "http://127.0.0.1:2",
  BOOKING_TARGET: "127.0.0.1:1",
};

const COMMANDS = [
  ...["live", "fleet", "near", "show", "silent", "prices", "sessions", "topics", "tail", "doctor", "help"],
  ...["stations", "station", "set", "bookings", "book", "cancel"],
];
const OPTIONS = [
  ...["--json", "--car", "--below", "--near", "--for", "--limit", "--since", "--station", "--radius", "--state"],
  ...["--status", "--at", "-n", "-f", "--", "-h", "--version"],
];

const word = fc.oneof(
  fc.constantFrom(...COMMANDS, ...OPTIONS),
  fc.double().map(String),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    ...["CAR-001", "40.7,-74,2", "60s", "fleet-events", "2026-06-01T20:15Z", "RESERVED,,", "999999d", "+999999d"],
    ...["\u001b[2J", "\u202e", "\0", "--below=\u009b", "__proto__", "x".repeat(10_000)],
  ),
);

/** A command and what may follow it, or anything at all. */
const someArguments = fc.oneof(
  fc.tuple(fc.constantFrom(...COMMANDS), fc.array(word, { maxLength: 5 })).map(([name, rest]) => [name, ...rest]),
  fc.array(word, { maxLength: 6 }),
);

/** What may be typed behind `greenlane`. */
export const commandLine: FuzzTarget<string[]> = {
  name: "command-line",
  about: "arguments into the CLI, which reaches no server and is interrupted at once",
  input: someArguments,
  async start() {
    return {
      services: [],
      async take(args) {
        const { stdout, stderr, exitCode } = await run(args);
        if (![0, 1, 2, 3].includes(exitCode)) throw new Error(`it ends with ${exitCode}`);
        if (exitCode !== 0 && stderr === "") throw new Error(`it ends with ${exitCode} and says nothing`);
        if (/^\s+at .*:\d+:\d+/m.test(stderr)) throw new Error(`it shows its inside: ${stderr}`);
        if (/(?!\n)[\p{C}\p{Zl}\p{Zp}]/u.test(stdout + stderr))
          throw new Error(`no terminal can bear ${stdout}${stderr}`);
        if ((stdout + stderr).includes("secret")) throw new Error(`it tells a password: ${stdout}${stderr}`);
      },
      async serve() {
        const { stdout, exitCode } = await run(["--help"]);
        if (exitCode !== 0 || !stdout.includes("Usage: greenlane"))
          throw new Error(`--help ends with ${exitCode}: ${stdout}`);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

/** The program without a process of its own. */
async function run(args: string[]): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const said = { stdout: "", stderr: "" };
  const into = (name: keyof typeof said): Output => ({
    isTerminal: false,
    write: async (text) => {
      said[name] += text;
    },
  });
  const terminal = {
    out: into("stdout"),
    err: into("stderr"),
    env: NOWHERE,
    interruption: () => AbortSignal.abort(),
  };
  return { exitCode: await greenlane(args, terminal), ...said };
}
