import { freePort } from "@greenlane/local-servers";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import type { TestServer } from "./testServer.ts";

interface ContainerSpec {
  image: string;
  innerPort: number;
  env?: Record<string, string>;
  /** The command line, given the port at which the container will be reached. */
  command?: (port: number) => string[];
  ready: ReturnType<typeof Wait.forLogMessage>;
  urlAt: (port: number) => string;
}

const SPECS = {
  redis: {
    image: "redis:8.2-alpine",
    innerPort: 6379,
    command: () => ["redis-server", "--appendonly", "yes"],
    ready: Wait.forLogMessage("Ready to accept connections"),
    urlAt: (port) => `redis://127.0.0.1:${port}`,
  },
  postgres: {
    image: "timescale/timescaledb:2.22.1-pg17",
    innerPort: 5432,
    env: { POSTGRES_USER: "greenlane", POSTGRES_PASSWORD: "greenlane_password", POSTGRES_DB: "postgres" },
    ready: Wait.forLogMessage("database system is ready to accept connections", 2),
    urlAt: (port) => `postgresql://greenlane:greenlane_password@127.0.0.1:${port}/postgres`,
  },
  kafka: {
    image: "redpandadata/redpanda:v25.2.4",
    innerPort: 19092,
    command: (port) =>
      `redpanda start --mode dev-container --smp 1 --memory 1G --set redpanda.auto_create_topics_enabled=false --kafka-addr external://0.0.0.0:19092 --advertise-kafka-addr external://127.0.0.1:${port}`.split(
        " ",
      ),
    ready: Wait.forLogMessage("Successfully started Redpanda!"),
    urlAt: (port) => `127.0.0.1:${port}`,
  },
} satisfies Record<string, ContainerSpec>;

/** Starts the same kind of server as a container, with the same handle. */
export async function startContainer(kind: keyof typeof SPECS): Promise<TestServer> {
  const spec: ContainerSpec = SPECS[kind];
  const port = await freePort();
  const building = new GenericContainer(spec.image)
    .withExposedPorts({ container: spec.innerPort, host: port })
    .withEnvironment(spec.env ?? {})
    .withWaitStrategy(spec.ready);
  if (spec.command) building.withCommand(spec.command(port));
  const container: StartedTestContainer = await building.start();
  const signal = async (name: string) => void (await container.exec(["kill", `-${name}`, "1"], { user: "root" }));
  return {
    url: spec.urlAt(port),
    port,
    stop: async () => void (await container.stop({ remove: false })),
    kill: () => signal("KILL"),
    pause: () => void signal("STOP"),
    resume: () => void signal("CONT"),
    restart: () => container.restart(),
    [Symbol.asyncDispose]: async () => void (await container.stop()),
  };
}
