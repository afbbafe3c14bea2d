import { startOwnServers } from "@greenlane/stage";
import { startKafka, startPostgres, startRedis } from "@greenlane/testkit";
import { describeMachine, loadNow, type Machine } from "../machine.ts";
import { Books } from "./books.ts";
import type { Fault } from "./fault.ts";
import { flowOf } from "./flow.ts";
import { playRound, type Round } from "./round.ts";
import { SmallDisk } from "./smallDisks.ts";
import { type StageServers, type StageSize, startFaultStage } from "./stage.ts";

export interface ChaosOptions extends StageSize {
  /** How long a fault lasts, ms. */
  lastsMs: number;
  say: (line: string) => void;
  /** What is started; ended when the run is over, however it ends. */
  opened: AsyncDisposableStack;
  /** Told of what it all runs on, with each stage. */
  onMachine?: (machine: Machine) => void;
}

/** What room the servers need for a minute of load, and a little more. */
const DISK_MEGABYTES = { kafka: 256, postgres: 384 };

/**
 * Does one fault after the other, on a stage of its own for each group of faults that needs another.
 * @throws Error when servers or services do not come up, or nothing flows before a fault
 */
export async function* playFaults(faults: readonly Fault[], options: ChaosOptions): AsyncGenerator<Round> {
  const groups = Map.groupBy(faults, ({ name, onSmallDisks }) => (onSmallDisks ? name : ""));
  const loadBefore = loadNow();
  for (const [, group] of groups) {
    const own = options.opened.use(new AsyncDisposableStack());
    const servers = await (group[0]?.onSmallDisks ? startOnSmallDisks(own) : startOnDisk(own));
    const stage = own.use(await startFaultStage(servers, options));
    options.onMachine?.(await describeMachine(servers, stage.database, loadBefore));
    const kafka = { KAFKA_BROKERS: [servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
    const parts = { stage, flow: flowOf(stage, kafka, options.cars), books: new Books(stage.database, kafka) };
    for (const fault of group) {
      options.say(fault.title);
      yield await playRound(parts, fault, options.lastsMs);
    }
    await own.disposeAsync();
  }
}

async function startOnDisk(own: AsyncDisposableStack): Promise<StageServers> {
  return own.use(await startOwnServers());
}

async function startOnSmallDisks(own: AsyncDisposableStack): Promise<StageServers> {
  const kafkaDisk = own.use(new SmallDisk("kafka", DISK_MEGABYTES.kafka));
  const postgresDisk = own.use(new SmallDisk("postgres", DISK_MEGABYTES.postgres));
  const redis = own.use(await startRedis());
  const kafka = own.use(await startKafka(kafkaDisk.folder));
  const postgres = own.use(await startPostgres(postgresDisk.folder));
  return { redis, kafka, postgres, disks: { kafka: kafkaDisk, postgres: postgresDisk } };
}
