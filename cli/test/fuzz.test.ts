import * as fc from "fast-check";
import { expect, test } from "vitest";
import { greenlaneInProcess } from "./inProcess.ts";

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
  "--json",
  "--car",
  "--below",
  "--near",
  "--for",
  "--limit",
  "--since",
  "--station",
  "--radius",
  "--state",
  "--status",
  "--at",
  "-n",
  "-f",
  "--",
  "-h",
];

const word = fc.oneof(
  fc.constantFrom(...COMMANDS, ...OPTIONS),
  fc.double().map(String),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "CAR-001",
    "40.7,-74,2",
    "60s",
    "fleet-events",
    "\u001b[2J",
    "\u202e",
    "\0",
    "--below=\u009b",
    "__proto__",
  ),
);
/** A command and what may follow it, or anything at all. */
const someArguments = fc.oneof(
  fc.tuple(fc.constantFrom(...COMMANDS), fc.array(word, { maxLength: 5 })).map(([name, rest]) => [name, ...rest]),
  fc.array(word, { maxLength: 6 }),
);

test("whatever its arguments are, the program ends with an exit code of its own and writes what a terminal can bear", async () => {
  await fc.assert(
    fc.asyncProperty(someArguments, async (args) => {
      const { stdout, stderr, exitCode } = await greenlaneInProcess(args, NOWHERE, AbortSignal.abort());
      expect([0, 1, 2, 3]).toContain(exitCode);
      expect(exitCode === 0 || stderr !== "").toBe(true);
      expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
      expect(stdout + stderr).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/u);
      expect(stdout + stderr).not.toContain("secret");
    }),
    { numRuns: 400, interruptAfterTimeLimit: 12_000 },
  );
});
