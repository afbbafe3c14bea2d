import { readFileSync } from "node:fs";
import { freePort, kafkaAnswers, postgresAnswers, redisAnswers } from "@greenlane/local-servers";
import { GenericContainer, getContainerRuntimeClient } from "testcontainers";
import { parse } from "yaml";
import type { TestServer } from "./testServer.ts";
import { until } from "./until.ts";

/** Images and commands are those of `make up`: the file says them once. */
const COMPOSE_FILE = new URL("../../../deploy/docker-compose.yml", import.meta.url);

interface ComposeFile {
  services: Record<string, { image: string; command: string[] }>;
}

interface ContainerSpec {
  /** Its name in docker-compose.yml. */
  service: string;
  innerPort: number;
  env?: Record<string, string>;
  /** The command line, made from that of docker-compose.yml, given the port at which the container will be reached. */
  command?: (composed: string[], port: number) => string[];
  answers: (port: number) => Promise<boolean>;
  urlAt: (port: number) => string;
}

const SPECS = {
  redis: {
    service: "redis",
    innerPort: 6379,
    answers: redisAnswers,
    urlAt: (port) => `redis://127.0.0.1:${port}`,
  },
  postgres: {
    service: "timescale",
    innerPort: 5432,
    env: { POSTGRES_USER: "greenlane", POSTGRES_PASSWORD: "greenlane_password", POSTGRES_DB: "postgres" },
    answers: postgresAnswers,
    urlAt: (port) => `postgresql://greenlane:greenlane_password@127.0.0.1:${port}/postgres`,
  },
  kafka: {
    service: "redpanda",
    innerPort: 19092,
    command: (composed, port) => [
      ...composed.filter((argument) => !/^--(advertise-)?kafka-addr=/.test(argument)),
      "--kafka-addr=external://0.0.0.0:19092",
      `--advertise-kafka-addr=external://127.0.0.1:${port}`,
    ],
    answers: kafkaAnswers,
    urlAt: (port) => `127.0.0.1:${port}`,
  },
} satisfies Record<string, ContainerSpec>;

/** @throws Error when docker-compose.yml has no such service */
function composedService(name: string): ComposeFile["services"][string] {
  const { services } = parse(readFileSync(COMPOSE_FILE, "utf8")) as ComposeFile;
  const composed = services[name];
  if (composed === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return composed;
}

/** Starts the same kind of server as a container, with the same handle. */
export async function startContainer(kind: keyof typeof SPECS): Promise<TestServer> {
  const spec: ContainerSpec = SPECS[kind];
  const composed = composedService(spec.service);
  const port = await freePort();
  const started = await new GenericContainer(composed.image)
    .withExposedPorts({ container: spec.innerPort, host: port })
    .withEnvironment(spec.env ?? {})
    .withCommand(spec.command?.(composed.command, port) ?? composed.command)
    .start();
  const answered = () => until(`${kind} answers on port ${port}`, () => spec.answers(port));
  await answered();
  const { container: containers } = await getContainerRuntimeClient();
  const container = containers.getById(started.getId());
  return {
    url: spec.urlAt(port),
    port,
    stop: () => container.stop(),
    // Not by a signal from inside: the kernel keeps SIGKILL and SIGSTOP of its own namespace from process 1.
    kill: () => container.kill(),
    pause: () => void container.pause(),
    resume: () => void container.unpause(),
    restart: async () => {
      await container.start();
      await answered();
    },
    [Symbol.asyncDispose]: () => container.remove({ force: true, v: true }),
  };
}

/**
 * Starts several Redis servers in one container, each at the same port inside and outside: so they, and their clients,
 * find each other under one address.
 */
export async function startRedisServersContainer(
  servers: { port: number; settings: string[] }[],
): Promise<AsyncDisposable> {
  const commands = servers.map(
    ({ port, settings }) => `mkdir ${port} && cd ${port} && exec redis-server --port ${port} ${settings.join(" ")}`,
  );
  const container = await new GenericContainer(composedService(SPECS.redis.service).image)
    .withExposedPorts(...servers.map(({ port }) => ({ container: port, host: port })))
    .withCommand(["sh", "-c", `${commands.map((command) => `(${command}) &`).join(" ")} wait`])
    .start();
  for (const { port } of servers) await until(`redis answers on port ${port}`, () => redisAnswers(port));
  return { [Symbol.asyncDispose]: async () => void (await container.stop()) };
}
