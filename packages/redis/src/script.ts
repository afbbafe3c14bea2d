import { readFileSync } from "node:fs";

/** The text of a script of lua/, with what it includes put before it. */
export function script(name: string): string {
  const read = (file: string) => readFileSync(new URL(`../lua/${file}.lua`, import.meta.url), "utf8");
  return read(name).replace(/^--#include (\w+)$/m, (_, included: string) => read(included));
}
