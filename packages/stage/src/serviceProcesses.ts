import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { freePort } from "@greenlane/local-servers";
import { Children } from "./children.ts";
import { cpuSeconds } from "./cpu.ts";
import type { OwnServers } from "./servers.ts";

export type ServiceName = "mock-grid" | "ingestion" | "pricing-worker" | "booking";

/** A service as a process of its own, which a run may hurt. */
export interface ServiceProcess {
  /** The service's name; of several processes of one service each has its number. */
  name: string;
  /** Where cars speak to it; of the services that cars speak to. */
  grpcPort: number;
  /** Where /ready and /metrics are. */
  adminPort: number;
  pid(): number;
  /** CPU time of it and of those that ran in its place before, s. */
  cpuSeconds(): number;
  /** SIGKILL, in the middle of whatever it does. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM. @returns its exit code; null when it had to be killed */
  stop(): Promise<number | null>;
  /** SIGSTOP and SIGCONT. */
  pause(): void;
  resume(): void;
  /** Starts it again on its ports after `kill` or `stop`. Resolves when it is ready. */
  startAgain(): Promise<void>;
}

export interface ServiceOptions {
  /** More of its environment. */
  env?: Record<string, string>;
  /** Options of Node's own, before the program. */
  nodeArgs?: string[];
}

/** Services on ports of their own, on servers of a run's own. Disposing stops them, the newest first. */
export class ServiceProcesses implements AsyncDisposable {
  readonly #children = new Children();
  readonly #servers: OwnServers;
  readonly #run: string;
  readonly #shared: Record<string, string>;
  readonly #counts = new Map<ServiceName, number>();
  #gridPort: number | undefined;

  /** @param run - the name of the run, which its log files and instances begin with; @param shared - environment of all */
  constructor(run: string, servers: OwnServers, shared: Record<string, string> = {}) {
    this.#run = run;
    this.#servers = servers;
    this.#shared = shared;
  }

  /** Starts one more process of a service. Resolves when it is ready. @throws Error with the end of its log when it is not */
  async start(service: ServiceName, { env = {}, nodeArgs = [] }: ServiceOptions = {}): Promise<ServiceProcess> {
    const number = (this.#counts.get(service) ?? 0) + 1;
    this.#counts.set(service, number);
    const name = service === "mock-grid" ? service : `${service}-${number}`;
    const [grpcPort, adminPort] = await Promise.all([freePort(), freePort()]);
    if (service === "mock-grid") this.#gridPort = adminPort;
    const program = {
      name: `${this.#run}-${name}`,
      args: [...nodeArgs, `services/${service}/src/main.ts`],
      env: this.#env(name, grpcPort, adminPort, env),
    };
    const startOne = () => this.#children.startService(program, adminPort);
    return serviceProcess(name, grpcPort, adminPort, await startOne(), startOne);
  }

  /** What is given holds, whatever the environment says of others. */
  #env(name: string, grpcPort: number, adminPort: number, own: Record<string, string>): Record<string, string> {
    const { redis, kafka, postgres } = this.#servers;
    return {
      LISTEN_HOST: "127.0.0.1",
      PORT: `${adminPort}`,
      ADMIN_PORT: `${adminPort}`,
      GRPC_PORT: `${grpcPort}`,
      REDIS_URL: redis.url,
      KAFKA_BROKERS: kafka.url,
      DATABASE_URL: postgres.url,
      GRID_URL: `http://127.0.0.1:${this.#gridPort ?? adminPort}`,
      INSTANCE_ID: `${this.#run}-${name}`,
      ...this.#shared,
      ...own,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#children.stopAll();
  }
}

function serviceProcess(
  name: string,
  grpcPort: number,
  adminPort: number,
  first: ChildProcess,
  startOne: () => Promise<ChildProcess>,
): ServiceProcess {
  let child = first;
  let formerCpuS = 0;
  const pid = () => child.pid ?? 0;
  const ownCpuS = () => cpuSeconds(pid()) ?? 0;

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    formerCpuS += ownCpuS();
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
    return child.exitCode;
  }
  return {
    name,
    grpcPort,
    adminPort,
    pid,
    cpuSeconds: () => formerCpuS + ownCpuS(),
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    startAgain: async () => {
      child = await startOne();
    },
  };
}
