import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { keepRun, type RunKind, resultsOf } from "../keptRuns.ts";
import { asMarkdown, type BenchRun } from "../report.ts";

const KIND: RunKind<BenchRun> = { folder: "", scratch: "bench", asMarkdown };

/** Keeps a run. @returns its file, without the ending */
export const storeRun = (run: BenchRun): string => keepRun(KIND, run, run.isWhole);

/** @throws Error when the file is not there */
export const readRun = (file: string): BenchRun => JSON.parse(readFileSync(file, "utf8")) as BenchRun;

/** The files of a folder's runs, the newest first. */
export function runFiles(folder = resultsOf(KIND.folder)): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}
