import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Choice {
  engine: "docker" | "local";
  why: string;
}

/** Docker where its engine answers, local servers elsewhere; INFRA=docker|local decides otherwise. @throws Error for another INFRA */
export function chooseEngine(): Choice {
  const wanted = process.env.INFRA;
  if (wanted === "docker" || wanted === "local") return { engine: wanted, why: `INFRA=${wanted}` };
  if (wanted !== undefined && wanted !== "") throw new Error(`INFRA must be docker or local, not ${wanted}`);
  try {
    execFileSync("docker", ["info"], { stdio: "ignore", timeout: 5_000 });
    return { engine: "docker", why: "a Docker engine answers" };
  } catch {
    return { engine: "local", why: "no Docker engine answers" };
  }
}

const COMPOSE_FILE = fileURLToPath(new URL("../docker-compose.yml", import.meta.url));

/** Runs docker compose on this project. @throws Error when it fails */
export function compose(...args: string[]): void {
  const { status } = spawnSync("docker", ["compose", "-f", COMPOSE_FILE, ...args], { stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error(`docker compose ${args.join(" ")} failed`);
}
