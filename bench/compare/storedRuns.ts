import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DATA_DIR } from "@greenlane/local-servers";
import { asMarkdown, type BenchRun } from "../report.ts";

/** Where whole runs are kept, by their time, and where those go that were cut short. */
export const RESULTS = join(import.meta.dirname, "..", "results");
const SCRATCH = join(DATA_DIR, "bench");

/** Keeps a run. @returns its file, without the ending */
export function storeRun(run: BenchRun): string {
  const folder = run.isWhole ? RESULTS : SCRATCH;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, run.startedAt.replace(/:\d\d\.\d+Z$/, "").replace(":", ""));
  writeFileSync(`${file}.json`, `${JSON.stringify(run, null, 1)}\n`);
  writeFileSync(`${file}.md`, asMarkdown(run));
  return file;
}

/** @throws Error when the file is not there */
export const readRun = (file: string): BenchRun => JSON.parse(readFileSync(file, "utf8")) as BenchRun;

/** The files of a folder's runs, the newest first. */
export function runFiles(folder = RESULTS): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}
