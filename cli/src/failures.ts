import { ConfigError } from "@greenlane/runtime";
import { CommanderError } from "commander";
import { OutputClosed } from "./output.ts";

/** The exit codes, as each --help names them. */
export const EXIT = { done: 0, failed: 1, badUsage: 2, unreachable: 3 } as const;

export const EXIT_CODES_HELP =
  "Exit codes: 0 done, 1 not found or failing, 2 bad usage, 3 a server cannot be reached (what others say is still shown)";

/** What was asked for does not exist, or a check does not hold. */
export class Failure extends Error {
  override name = "Failure";
}

/** A server gives no answer, or wants none of us. */
export class Unreachable extends Error {
  override name = "Unreachable";
  constructor(what: string, cause: unknown, is = "cannot be reached") {
    super(`${what} ${is}: ${reasonOf(cause)}`, { cause });
  }
}

/** What went wrong, in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(reasonOf))].join("; ");
  }
  if (!(error instanceof Error)) return String(error);
  // What fetch says of itself is only that it failed.
  if (error instanceof TypeError && error.cause !== undefined) return reasonOf(error.cause);
  return error.message || error.name;
}

/** How a command that failed ends; `message` is undefined where all is said already. */
export function endOf(error: unknown): { exitCode: number; message: string | undefined } {
  if (error instanceof OutputClosed) return { exitCode: EXIT.done, message: undefined };
  if (error instanceof CommanderError) {
    return { exitCode: error.exitCode === 0 ? EXIT.done : EXIT.badUsage, message: undefined };
  }
  if (error instanceof ConfigError) return { exitCode: EXIT.badUsage, message: error.message };
  return { exitCode: error instanceof Unreachable ? EXIT.unreachable : EXIT.failed, message: reasonOf(error) };
}
