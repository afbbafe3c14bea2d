import type { Run } from "./programs.ts";
import { SEED_DAY_MS } from "./seedDay.ts";

const GOLDEN_DAY_MS = Date.UTC(2026, 5, 1);
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** What changes from run to run, and what stands for it. */
const CHANGING: [RegExp, string | ((found: string) => string)][] = [
  [/ +[\d.]+ ms\b/g, (found) => "N ms".padStart(found.length)],
  [/"latency_ms":[\d.]+/g, '"latency_ms":N'],
  [/"silent_ms":\d+/g, '"silent_ms":N'],
  [/\b\d+[dhms]( \d+[dhms])?( ago)?$/gm, "SPAN$2"],
  [/\([\d.]+\/s\)/g, "(N/s)"],
  [/(127\.0\.0\.1|localhost):\d+/g, "HOST:PORT"],
  [/\bpid \d+/g, "pid N"],
  [/(Kafka|Redpanda), Fetch v\d+/g, "KAFKA"],
  [/\bRedis [\d.]+/g, "Redis VERSION"],
  [/PostgreSQL [\d.]+, (ordinary tables|TimescaleDB [\d.]+)/g, "PostgreSQL VERSION, TABLES"],
  [/schema \d+_\w+/g, "schema NEWEST"],
];

/** Makes a run's text the same on each machine and day: the seeded day is called 2026-06-01. */
export function normalised(text: string): string {
  const dated = text.replaceAll(dayOf(SEED_DAY_MS), dayOf(GOLDEN_DAY_MS)).replaceAll(/\b1\d{12}\b/g, (digits) => {
    const sinceSeedMs = Number(digits) - SEED_DAY_MS;
    return sinceSeedMs >= 0 && sinceSeedMs < 86_400_000 ? `${GOLDEN_DAY_MS + sinceSeedMs}` : digits;
  });
  return CHANGING.reduce((sum, [pattern, stand]) => sum.replaceAll(pattern, stand as string), dated);
}

/** A run as an operator sees it in a terminal's history. */
export function transcript(args: string[], { stdout, stderr, exitCode }: Run): string {
  const faults = stderr === "" ? "" : `--- stderr\n${stderr}`;
  return `$ greenlane ${args.join(" ")}\n${normalised(`${stdout}${faults}`)}--- exit code ${exitCode}\n`;
}
