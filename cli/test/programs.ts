import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a run of the program left. */
export interface Run {
  stdout: string;
  stderr: string;
  exitCode: number | null;
}

export interface RunningProgram extends AsyncDisposable {
  child: ChildProcess;
  /** What it has said so far. */
  said: { stdout: string; stderr: string };
  /** Resolves at its end. */
  ended(): Promise<Run>;
}

/** Starts a program of the repository; its output is read unless `stdio` sends it elsewhere. */
export function startProgram(
  args: string[],
  env: Record<string, string>,
  options: Pick<SpawnOptions, "stdio"> = { stdio: ["ignore", "pipe", "pipe"] },
): RunningProgram {
  const inherited = { PATH: process.env.PATH, HOME: process.env.HOME };
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...inherited, TZ: "UTC", ...env }, ...options });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  const closed = once(child, "close");
  return {
    child,
    said,
    ended: async () => {
      await closed;
      return { ...said, exitCode: child.exitCode };
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

export const startGreenlane = (args: string[], env: Record<string, string>, options?: Pick<SpawnOptions, "stdio">) =>
  startProgram(["cli/src/main.ts", ...args], env, options);

export const runGreenlane = (args: string[], env: Record<string, string>): Promise<Run> =>
  startGreenlane(args, env).ended();
