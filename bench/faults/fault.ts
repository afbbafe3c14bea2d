import type { Redis } from "@greenlane/redis";
import type { OwnServers, ServiceProcess, ServiceProcesses } from "@greenlane/stage";
import type { Database } from "@greenlane/timescale";
import type { Clocks } from "./clocks.ts";
import type { LoadProcess } from "./load/loadProcess.ts";
import type { SmallDisk } from "./smallDisks.ts";

/** Where a fault is done: everything that runs, under load. */
export interface FaultStage {
  servers: OwnServers;
  grid: ServiceProcess;
  ingestion: ServiceProcess;
  worker: ServiceProcess;
  booking: ServiceProcess;
  /** Starts more of them. */
  processes: ServiceProcesses;
  load: LoadProcess;
  /** Not a service's own connections. */
  database: Database;
  redis: Redis;
  clocks: Clocks;
  /** Where the data of Kafka and Postgres lie, when those are disks that can be filled. */
  disks: { kafka: SmallDisk; postgres: SmallDisk } | undefined;
  /** What callers of the services need. */
  token: string;
}

/** What came of a fault. */
export interface Lifted {
  /** When it was over, Unix ms: from then on the system mends itself. */
  overAtMs: number;
  /** What was not as it must be meanwhile, in words. */
  found: string[];
  /** What else was seen, in words. */
  measured?: string | undefined;
}

/** A way to hurt the system. */
export interface Fault {
  /** What ONLY= names. */
  name: string;
  /** In words, for the table. */
  title: string;
  /** How long it lasts, of what a fault lasts as a rule; 1 when left out. */
  spans?: number;
  /** No stream of the load may break. */
  othersNoticeNothing?: boolean;
  /** Why it cannot be done here; undefined where it can. */
  impossible?: () => string | undefined;
  /** Runs on servers of its own, whose data lie on small disks. */
  onSmallDisks?: boolean;
  /** Does it, for so long. Resolves when it is over. @throws Error when it cannot be done */
  strike(stage: FaultStage, lastsMs: number): Promise<Lifted>;
}
