import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, LOG_DIR } from "@greenlane/local-servers";
import { type OwnServers, type ServiceName, type ServiceProcess, ServiceProcesses } from "@greenlane/stage";
import type { FuzzedService } from "./target.ts";

/** A collection is asked for by a signal, which arrives when it does: the least of so many looks counts. */
const LOOKS = 4;
const FAULT_LENGTH = 2_000;
const NODE_ARGS = ["--expose-gc", "--import", "./bench/fuzz/collectGarbage.ts"];

/** What a service is given beside its defaults: limits that a run of seconds meets. */
const ENV: Record<ServiceName, Record<string, string>> = {
  "mock-grid": {},
  ingestion: { STREAM_MAX_EVENTS_PER_SECOND: "100000", ACK_UNREAD_MS: "1000" },
  "pricing-worker": {},
  booking: { HOLD_MS: "1000", UNREAD_MS: "1000" },
};

/** The servers and services of a fuzz run; each service is started when a target asks for it first. */
export class FuzzStage implements AsyncDisposable {
  readonly servers: OwnServers;
  readonly #run: string;
  readonly #processes: ServiceProcesses;
  readonly #services = new Map<ServiceName, Promise<FuzzedService>>();

  /** @param run - the name of the run, which its log files begin with */
  constructor(run: string, servers: OwnServers) {
    this.#run = run;
    this.servers = servers;
    this.#processes = new ServiceProcesses(run, servers, { LOG_LEVEL: "error", LOG_FORMAT: "json" });
  }

  service(name: ServiceName): Promise<FuzzedService> {
    const standing = this.#services.get(name);
    if (standing !== undefined) return standing;
    const starting = this.#start(name);
    this.#services.set(name, starting);
    return starting;
  }

  async #start(name: ServiceName): Promise<FuzzedService> {
    const process = await this.#processes.start(name, { env: ENV[name], nodeArgs: NODE_ARGS });
    return fuzzedService(process, join(LOG_DIR, `${this.#run}-${process.name}.log`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes[Symbol.asyncDispose]();
  }
}

function fuzzedService(service: ServiceProcess, logFile: string): FuzzedService {
  let told = 0;
  return {
    grpcPort: service.grpcPort,
    adminPort: service.adminPort,
    fault() {
      const log = readFileSync(logFile, "utf8");
      const news = log.slice(told);
      told = log.length;
      if (!isAlive(service.pid())) return `${service.name} has ended; its log ends: ${news.slice(-FAULT_LENGTH)}`;
      return news === "" ? undefined : `${service.name} says: ${news.slice(0, FAULT_LENGTH)}`;
    },
    async revive() {
      if (isAlive(service.pid())) return;
      await service.startAgain();
      told = 0;
    },
    async liveBytes() {
      const looks: number[] = [];
      while (looks.length < LOOKS) {
        process.kill(service.pid(), "SIGWINCH");
        looks.push(await usedBytes(service.adminPort));
      }
      return Math.min(...looks);
    },
  };
}

/** As a service's own metrics tell it. */
async function usedBytes(adminPort: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const gauge = (name: string) => Number(new RegExp(`^${name}(?:\\{.*\\})? (.+)$`, "m").exec(metrics)?.[1]);
  return gauge("nodejs_heap_size_used_bytes") + gauge("nodejs_external_memory_bytes");
}
