import { TOPICS } from "@greenlane/contracts";
import { type Metered, perEvent, startCpuMeter } from "./cpuMeter.ts";
import type { Effort, Figure, FigureResult } from "./figure.ts";
import { measureInsert } from "./libraryFloors.ts";
import type { Stage } from "./stage.ts";

const CARS = 1_000;
/** The share of a backlog that a worker gets to warm up. */
const WARM_SHARE = 0.1;
/** The share that is left when a second worker comes. */
const SECOND_COMES_AT = 0.8;

interface Drained {
  /** Events from the moment from which it was measured, and the time that they took. */
  events: number;
  seconds: number;
  cpuUs: Record<string, number>;
  faults: string[];
}

/** Fills the log and lets one worker, or a second one that comes meanwhile, drain it. */
export async function drainBacklog(stage: Stage, records: number, workers: 1 | 2): Promise<Drained> {
  await stage.log.clear();
  const carPrefix = stage.carPrefix();
  const { url: brokers } = stage.servers.kafka;
  const order = { kind: "backlog", brokers, topic: TOPICS.fleetEvents, carPrefix, cars: CARS, records } as const;
  const { done: distinct } = await stage.libraries().tell(order);
  const running = [await stage.startWorker()];
  await stage.log.drainedTo(Math.floor(records * (workers === 1 ? 1 - WARM_SHARE : SECOND_COMES_AT)));
  if (workers === 2) running.push(await stage.startWorker());
  const processes: Metered[] = [
    { name: "pricing-worker", pids: running.map((worker) => worker.pid()) },
    ...stage.serverProcesses("postgres", "kafka"),
  ];
  const spent = startCpuMeter(processes);
  const startedAtMs = performance.now();
  const events = await stage.log.lag();
  await stage.log.drainedTo(0);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const cpuUs = perEvent(spent(), events);
  const rows = await stage.rowsOf(carPrefix);
  await stage.stopWorkers();
  await stage.log.clear();
  const faults = rows === distinct ? [] : [`${distinct} distinct events in the log, ${rows} rows`];
  return { events, seconds, cpuUs, faults };
}

async function measureDrain(stage: Stage, { backlogEvents, pieceSeconds }: Effort): Promise<FigureResult> {
  const before = await measureInsert(stage, pieceSeconds);
  const drained = await drainBacklog(stage, backlogEvents, 1);
  const after = await measureInsert(stage, pieceSeconds);
  return {
    faults: drained.faults,
    rows: [
      {
        id: "drain",
        what: `drain of a backlog of ${backlogEvents.toLocaleString("en-US")} events by one pricing worker`,
        unit: "rows/s",
        better: "more",
        mark: 120_000,
        measured: drained.events / drained.seconds,
        floor: { what: "bare unnest insert", value: (before.perSecond + after.perSecond) / 2 },
        cpuUs: drained.cpuUs,
        floorCpuUs: after.cpuUs,
        notes: ["1 % of the events come twice"],
      },
    ],
  };
}

async function measureDrainByTwo(stage: Stage, { backlogEvents }: Effort): Promise<FigureResult> {
  const { events, seconds, cpuUs, faults } = await drainBacklog(stage, backlogEvents, 2);
  return {
    faults,
    rows: [
      {
        id: "drain-x2",
        what: "the same by two, of which the second comes in the middle",
        unit: "rows/s",
        better: "more",
        measured: events / seconds,
        cpuUs: events === 0 ? {} : cpuUs,
        notes: [`from the moment at which the second is ready; ${events.toLocaleString("en-US")} events were left`],
      },
    ],
  };
}

/** How fast pricing workers drain a backlog. */
export const drainFigures: Figure[] = [
  { name: "drain", run: measureDrain },
  { name: "drain-x2", run: measureDrainByTwo },
];
