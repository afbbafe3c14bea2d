import { fileURLToPath } from "node:url";
import { DEVELOPMENT_API_TOKEN } from "@greenlane/contracts";
import { silentLogger } from "@greenlane/runtime";
import { type OwnServers, type ServiceProcess, ServiceProcesses, serverPids } from "@greenlane/stage";
import { closeDatabase, type Database, migrate } from "@greenlane/timescale";
import pg from "pg";
import type { EchoAnswer, EchoOrder, LibraryAnswer, LibraryOrder } from "../floors/messages.ts";
import type { LoadPlan } from "../load/messages.ts";
import { SteeredProcess } from "../steeredProcess.ts";
import type { Metered } from "./cpuMeter.ts";
import { EventLog } from "./eventLog.ts";

const ECHO = fileURLToPath(new URL("../floors/grpcEcho.ts", import.meta.url));
const LIBRARIES = fileURLToPath(new URL("../floors/libraries.ts", import.meta.url));

/** Kafka's answer is waited for however slow the machine is: what is sent again would be in the log twice. */
const PATIENT = { KAFKA_REQUEST_TIMEOUT_MS: "60000", LOG_LEVEL: "warn" };
/** A car that sends one report as soon as the last is acked sends more than a car is allowed. */
const INGESTION_ENV = { STREAM_MAX_EVENTS_PER_SECOND: "1000000" };

/** A server that the load can be aimed at. */
export interface Target {
  address: string;
  processes: Metered[];
}

/** What figures are measured on: servers and services of the run's own, each started when a figure asks for it. */
export class Stage implements AsyncDisposable {
  readonly servers: OwnServers;
  readonly log: EventLog;
  readonly database: Database;
  readonly #opened: AsyncDisposableStack;
  readonly #services: ServiceProcesses;
  readonly #ingestions: ServiceProcess[] = [];
  readonly #workers: ServiceProcess[] = [];
  #gridStarted = false;
  readonly #serverPids: { name: string; pid: number }[];
  readonly #once = new Map<string, Promise<unknown>>();
  #libraries: SteeredProcess<LibraryOrder, LibraryAnswer> | undefined;
  #prefixes = 0;

  private constructor(servers: OwnServers, log: EventLog, database: Database, opened: AsyncDisposableStack) {
    this.servers = servers;
    this.log = log;
    this.database = database;
    this.#opened = opened;
    this.#serverPids = serverPids(servers);
    this.#services = opened.use(new ServiceProcesses("bench", servers, PATIENT));
  }

  /** Prepares servers of the run's own; they stay their owner's to end. */
  static async open(servers: OwnServers): Promise<Stage> {
    await using opening = new AsyncDisposableStack();
    await migrate(servers.postgres.url, silentLogger);
    const log = opening.use(await EventLog.open(servers.kafka.url));
    // Without the time-outs of services: what a run asks in the end may take long.
    const database = opening.adopt(new pg.Pool({ connectionString: servers.postgres.url, max: 4 }), closeDatabase);
    return new Stage(servers, log, database, opening.move());
  }

  /** The n-th ingestion process, from 0. */
  async ingestion(n = 0): Promise<ServiceProcess> {
    while (this.#ingestions.length <= n)
      this.#ingestions.push(await this.#services.start("ingestion", { env: INGESTION_ENV }));
    return this.#ingestions[n] as ServiceProcess;
  }

  /** Starts an ingestion process that nobody else uses; whoever asked for it stops it. */
  ownIngestion(): Promise<ServiceProcess> {
    return this.#services.start("ingestion", { env: INGESTION_ENV });
  }

  /** Starts a pricing worker. What it finds in the log is its own to work off. */
  async startWorker(): Promise<ServiceProcess> {
    if (!this.#gridStarted) await this.#services.start("mock-grid");
    this.#gridStarted = true;
    const worker = await this.#services.start("pricing-worker");
    this.#workers.push(worker);
    return worker;
  }

  /** Starts a booking process, which hears from the log who plugs in. */
  startBooking(): Promise<ServiceProcess> {
    return this.#services.start("booking");
  }

  /** Stops the pricing workers, so that they cost nothing and leave the log alone. */
  async stopWorkers(): Promise<void> {
    for (const worker of this.#workers.splice(0)) await worker.stop();
  }

  /** The bare gRPC server. */
  echo(): Promise<Target> {
    return this.once("echo", async () => {
      const { address, pid } = await this.ownEcho();
      return { address, processes: [{ name: "bare gRPC server", pids: [pid] }] };
    });
  }

  /** Starts a bare gRPC server that nobody else uses; whoever asked for it stops it. */
  async ownEcho(): Promise<{ address: string; pid: number; stop: () => Promise<void> }> {
    const process = this.#opened.use(new SteeredProcess<EchoOrder, EchoAnswer>(ECHO));
    const { port } = await process.tell({ kind: "listen" });
    return { address: `127.0.0.1:${port}`, pid: process.pid, stop: () => process[Symbol.asyncDispose]() };
  }

  /** Does a work once a run, however many figures need what it gives. */
  once<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const known = this.#once.get(name) as Promise<Result> | undefined;
    if (known !== undefined) return known;
    const doing = work();
    this.#once.set(name, doing);
    return doing;
  }

  /** The process of the bare client libraries. */
  libraries(): SteeredProcess<LibraryOrder, LibraryAnswer> {
    this.#libraries ??= this.#opened.use(new SteeredProcess<LibraryOrder, LibraryAnswer>(LIBRARIES));
    return this.#libraries;
  }

  /** Servers, by name; none where they are containers. */
  serverProcesses(...names: string[]): Metered[] {
    return this.#serverPids.filter(({ name }) => names.includes(name)).map(({ name, pid }) => ({ name, pids: [pid] }));
  }

  /** What car ids begin with that nobody else uses in this run. */
  carPrefix(): string {
    return `bench-${++this.#prefixes}-`;
  }

  /** A plan of cars that nobody else plays. */
  plan(targets: string[], connections: number, streams: number): LoadPlan {
    return { targets, token: DEVELOPMENT_API_TOKEN, connections, streams, carPrefix: this.carPrefix() };
  }

  /** Telemetry rows of the cars of a plan. */
  async rowsOf(carPrefix: string): Promise<number> {
    // "." is the character behind "-".
    const { rows } = await this.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM telemetry WHERE car_id >= $1 AND car_id < $2`,
      [carPrefix, `${carPrefix.slice(0, -1)}.`],
    );
    return rows[0]?.n ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}

export const addressOf = ({ grpcPort }: ServiceProcess) => `127.0.0.1:${grpcPort}`;
