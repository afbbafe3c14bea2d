import { spawnSync } from "node:child_process";

/** Where this machine's servers come from, and why from there. */
export interface EngineChoice {
  engine: "docker" | "local";
  why: string;
}

const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Containers where a Docker engine answers and can compose, local processes elsewhere; INFRA=docker|local decides
 * otherwise. @throws Error for another INFRA
 */
export function chooseEngine(env: NodeJS.ProcessEnv = process.env): EngineChoice {
  const wanted = env.INFRA ?? "";
  if (wanted === "docker" || wanted === "local") return { engine: wanted, why: `INFRA=${wanted}` };
  if (wanted !== "") throw new Error(`INFRA must be docker or local, not ${wanted}`);
  const answers = (...args: string[]) =>
    spawnSync("docker", args, { env, stdio: "ignore", timeout: ANSWER_TIMEOUT_MS }).status === 0;
  if (!answers("version")) return { engine: "local", why: "no Docker engine answers" };
  if (!answers("compose", "version")) {
    return { engine: "local", why: "a Docker engine answers, but docker has no compose plugin" };
  }
  return { engine: "docker", why: "a Docker engine answers" };
}

/** Says which infrastructure is used and why. @throws Error for an INFRA that is neither docker nor local */
export function announceEngine(say: (line: string) => void): EngineChoice["engine"] {
  const { engine, why } = chooseEngine();
  say(`Infrastructure: ${engine} (${why})`);
  return engine;
}
