import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** A program of the repository running as a process of its own. */
export interface RunningProgram extends AsyncDisposable {
  /** Sends a signal that does not end it. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. @returns the exit code; null when the signal ended it */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** @returns the exit code of a program that ends by itself */
  ended(): Promise<number | null>;
}

/** Starts a program of the repository by its path and arguments. */
export function startProgram(args: string[], env: Record<string, string>): RunningProgram {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: "ignore", env: { ...process.env, ...env } });
  return {
    signal: (signal) => void child.kill(signal),
    end: (signal) => {
      const ended = exitCode(child);
      child.kill(signal);
      return ended;
    },
    ended: () => exitCode(child),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}

/** Starts a service and waits until its /ready says yes. */
export async function startServiceProcess(
  name: string,
  adminPort: number,
  env: Record<string, string>,
): Promise<RunningProgram> {
  const program = startProgram([`services/${name}/src/main.ts`], { LOG_LEVEL: "fatal", ...env });
  await until(`${name} is ready`, async () => {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/ready`).catch(() => undefined);
    return answer?.ok;
  });
  return program;
}
