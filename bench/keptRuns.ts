import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DATA_DIR } from "@greenlane/local-servers";

const RESULTS = join(import.meta.dirname, "results");

/** A run, as far as it is kept. */
interface Run {
  /** ISO 8601. */
  startedAt: string;
}

/** Where runs of a kind are kept, by their time: whole ones in the checkout, those that were cut short beside its data. */
export interface RunKind<OneRun extends Run> {
  /** A folder of bench/results; "": that itself. */
  folder: string;
  /** A folder of the data. */
  scratch: string;
  asMarkdown(run: OneRun): string;
}

/** Where whole runs of a kind are kept. */
export const resultsOf = (folder: string): string => join(RESULTS, folder);

/** Keeps a run, as JSON and in Markdown. @returns its file, without the ending */
export function keepRun<OneRun extends Run>(kind: RunKind<OneRun>, run: OneRun, isWhole: boolean): string {
  const folder = isWhole ? resultsOf(kind.folder) : join(DATA_DIR, kind.scratch);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, run.startedAt.replace(/:\d\d\.\d+Z$/, "").replace(":", ""));
  writeFileSync(`${file}.json`, `${JSON.stringify(run, null, 1)}\n`);
  writeFileSync(`${file}.md`, kind.asMarkdown(run));
  return file;
}
