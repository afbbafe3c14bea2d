import type { Output } from "../src/output.ts";
import { greenlane } from "../src/program.ts";
import type { Run } from "./programs.ts";

/** The same program without a process of its own: all but main.ts. `stop` stands for Ctrl-C. */
export async function greenlaneInProcess(
  args: string[],
  env: Record<string, string>,
  stop: AbortSignal = new AbortController().signal,
): Promise<Run> {
  const said = { stdout: "", stderr: "" };
  const into = (name: keyof typeof said): Output => ({
    isTerminal: false,
    write: async (text) => {
      said[name] += text;
    },
  });
  const exitCode = await greenlane(args, { out: into("stdout"), err: into("stderr"), env, interruption: () => stop });
  return { ...said, exitCode };
}
