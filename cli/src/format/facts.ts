import { escaped } from "./escape.ts";

const NAME_WIDTH = 12;

export type Fact = readonly [name: string, value: string];

/** What is known of one thing, a line each, under its name. */
export function factLines(facts: Fact[]): string {
  return facts.map(([name, value]) => `  ${name.padEnd(NAME_WIDTH)}${escaped(value)}\n`).join("");
}
