import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { PORTS } from "@greenlane/contracts";
import { z } from "zod";
import { requireFreePorts } from "./freePorts.ts";

const COMPOSE_FILE = fileURLToPath(new URL("../docker-compose.yml", import.meta.url));

/** What `docker compose up` publishes on this machine when no profile is named. */
const SERVER_CONTAINERS = [
  { service: "redpanda", port: PORTS.kafka },
  { service: "timescale", port: PORTS.postgres },
  { service: "redis", port: PORTS.redis },
  { service: "console", port: PORTS.console },
] as const;

/** Every profile: without their names, compose neither lists nor stops what they started. */
const ALL = ["--profile", "app", "--profile", "fleet"];

/** Runs docker compose on this project, its output on stderr. @throws Error when it fails */
export async function compose(...args: string[]): Promise<void> {
  const child = spawn("docker", ["compose", "-f", COMPOSE_FILE, ...ALL, ...args], { stdio: ["ignore", 2, 2] });
  const [exitCode] = await once(child, "exit");
  if (exitCode !== 0) throw new Error(`docker compose ${args.join(" ")} failed`);
}

/** A container of this project. */
export interface Container {
  service: string;
  name: string;
  /** Running, and healthy where it says how it is. */
  state: "up" | "starting" | "unhealthy" | "down";
  startedAtMs: number;
  /** Ports of this machine that lead to it. */
  ports: number[];
}

const inspected = z.array(
  z.object({
    Name: z.string(),
    Config: z.object({ Labels: z.record(z.string(), z.string()) }),
    State: z.object({
      Running: z.boolean(),
      StartedAt: z.string(),
      Health: z.object({ Status: z.string() }).optional(),
    }),
    HostConfig: z.object({
      PortBindings: z.record(z.string(), z.array(z.object({ HostPort: z.string() })).nullable()).nullable(),
    }),
  }),
);

/** The containers of this project, running or not; none where no Docker engine answers. */
export function projectContainers(): Container[] {
  const ask = (...args: string[]) =>
    spawnSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 10_000 });
  const listed = ask("compose", "-f", COMPOSE_FILE, ...ALL, "ps", "--all", "--quiet");
  const ids = listed.status === 0 ? listed.stdout.split(/\s+/).filter((id) => id !== "") : [];
  if (ids.length === 0) return [];
  return inspected.parse(JSON.parse(ask("inspect", ...ids).stdout)).map(({ Name, Config, State, HostConfig }) => ({
    service: Config.Labels["com.docker.compose.service"] ?? "",
    name: Name.replace(/^\//, ""),
    state: State.Running ? stateOf(State.Health?.Status) : "down",
    startedAtMs: Date.parse(State.StartedAt),
    ports: Object.values(HostConfig.PortBindings ?? {}).flatMap((bound) =>
      (bound ?? []).map(({ HostPort }) => Number(HostPort)),
    ),
  }));
}

function stateOf(health: string | undefined): Container["state"] {
  if (health === "starting" || health === "unhealthy") return health;
  return "up";
}

/**
 * Starts the servers' containers and waits until they are healthy: all of them, or, when that fails or the signal is
 * aborted, none that did not run before. @returns the services that this call has started
 * @throws Error naming each port that something else holds, before anything is started
 */
export async function startContainers(signal?: AbortSignal): Promise<string[]> {
  const ours = new Set(projectContainers().flatMap(({ state, ports }) => (state === "down" ? [] : ports)));
  const missing = SERVER_CONTAINERS.filter(({ port }) => !ours.has(port));
  requireFreePorts(missing.map(({ service, port }) => ({ name: service, port })));
  const started = missing.map(({ service }) => service);
  try {
    await compose("up", "--detach", "--wait", ...SERVER_CONTAINERS.map(({ service }) => service));
    signal?.throwIfAborted();
  } catch (error) {
    await stopContainers(started);
    throw error;
  }
  return started;
}

/** Stops containers of this project; their data stays. */
export async function stopContainers(services: readonly string[]): Promise<void> {
  if (services.length > 0) await compose("stop", ...services);
}
