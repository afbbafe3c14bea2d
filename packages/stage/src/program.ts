import { ConfigError, unlessAborted } from "@greenlane/runtime";
import { killAllStarted } from "./children.ts";

const EXIT_CONFIG = 78;
export const INTERRUPTED = 130;

/** What a program that stages a run gets. */
export interface ProgramRun {
  /** Says on stderr what goes on. */
  say(line: string): void;
  /** What the run opens; ended when it is over, however it ends. */
  opened: AsyncDisposableStack;
}

/**
 * Hears that a run is to end: a signal, or that nobody reads its output any more (`make herd | head`), which ends it as
 * Ctrl-C does. A second signal kills all that was started, and ends this process, at once.
 */
export function heedInterruption(say: (line: string) => void): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) {
        killAllStarted();
        process.exit(INTERRUPTED);
      }
      say("ending the run (once more: at once)");
      interrupted.abort();
    });
  }
  for (const output of [process.stdout, process.stderr]) output.on("error", () => interrupted.abort());
  return interrupted.signal;
}

/**
 * Runs a program that starts servers and services, and ends this process with what `run` returns: 130 after a signal or
 * when nobody reads its output any more, 78 for a configuration that is wrong, 1 for another error. All that was opened
 * is ended first; a second signal kills it at once.
 */
export async function runProgram(name: string, run: (parts: ProgramRun) => Promise<number>): Promise<never> {
  const say = (line: string) => void process.stderr.write(`${name}: ${line}\n`);
  const interrupted = heedInterruption(say);
  const opened = new AsyncDisposableStack();
  let code: number;
  try {
    code = await unlessAborted(run({ say, opened }), interrupted);
  } catch (error) {
    if (interrupted.aborted) code = INTERRUPTED;
    else {
      say(error instanceof Error ? error.message : String(error));
      code = error instanceof ConfigError ? EXIT_CONFIG : 1;
    }
  } finally {
    await opened.disposeAsync();
  }
  process.exit(code);
}
