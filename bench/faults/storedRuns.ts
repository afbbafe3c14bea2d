import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DATA_DIR } from "@greenlane/local-servers";
import { asMarkdown, type ChaosRun } from "./report.ts";

/** Where whole runs are kept, by their time, and where those go that were cut short. */
const RESULTS = join(import.meta.dirname, "..", "results", "chaos");
const SCRATCH = join(DATA_DIR, "chaos");

/** Keeps a run. @returns its file, without the ending */
export function storeRun(run: ChaosRun, isWhole: boolean): string {
  const folder = isWhole ? RESULTS : SCRATCH;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, run.startedAt.replace(/:\d\d\.\d+Z$/, "").replace(":", ""));
  writeFileSync(`${file}.json`, `${JSON.stringify(run, null, 1)}\n`);
  writeFileSync(`${file}.md`, asMarkdown(run));
  return file;
}
