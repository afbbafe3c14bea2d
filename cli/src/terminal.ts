import { jsonLine } from "./format/escape.ts";
import type { Output } from "./output.ts";

/** What a command has of the world: where it speaks, what it was told, and whether it is to end. */
export interface Terminal {
  out: Output;
  err: Output;
  env: Record<string, string | undefined>;
  /** Aborted at Ctrl-C or SIGTERM from the first call on; a command that never calls it is simply ended by them. */
  interruption(): AbortSignal;
}

export interface JsonOption {
  json?: true;
}

/** Prints an answer, as one JSON document or as text. */
export async function answer(terminal: Terminal, options: JsonOption, json: object, text: () => string): Promise<void> {
  await terminal.out.write(options.json ? `${jsonLine(json)}\n` : text());
}
