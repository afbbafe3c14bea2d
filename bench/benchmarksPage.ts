import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("../BENCHMARKS.md", import.meta.url));

/** The parts of BENCHMARKS.md that commands write; each stands between two marks that bear its name. */
export type Part = "bench" | "capacity" | "soak";

/** A page with a part put anew. @throws Error when the page has no such part */
export function withPart(page: string, part: Part, text: string): string {
  const begin = `<!-- begin ${part} -->`;
  const end = `<!-- end ${part} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no part between ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}

/** Puts a part of BENCHMARKS.md anew. */
export function writePart(part: Part, text: string): void {
  writeFileSync(PAGE, withPart(readFileSync(PAGE, "utf8"), part, text));
}
