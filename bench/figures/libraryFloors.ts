import type { LibraryOrder } from "../floors/messages.ts";
import { Latencies } from "../load/latencies.ts";
import { perEvent, startCpuMeter } from "./cpuMeter.ts";
import type { Effort, Figure, Row } from "./figure.ts";
import type { Stage } from "./stage.ts";

/** What ingestion hands over at a time when it is busy, and a worker; and over how many connections. */
const EVENTS_A_PRODUCE = 500;
const CARS_A_SWEEP = 1_000;
const ROWS_AN_INSERT = 2_000;
const CONNECTIONS = 2;

/** What a client library does alone, with its server. */
export interface LibraryFloor {
  perSecond: number;
  /** An event, a position or a row: of the library's process, and of the server where that is this machine's, µs. */
  cpuUs: Record<string, number>;
  /** Of one request. */
  latencies: Latencies;
}

type FloorOrder = Exclude<LibraryOrder, { kind: "backlog" }>;

/** Measures a library. @param server - whose CPU time it costs beside its own */
export async function measureLibrary(stage: Stage, order: FloorOrder, server: string): Promise<LibraryFloor> {
  const library = stage.libraries();
  const spent = startCpuMeter(stage.serverProcesses(server));
  const { done, doneInAll, spanMs, cpuMs, latencies } = await library.tell(order);
  return {
    perSecond: (1_000 * done) / spanMs,
    cpuUs: { [`bare ${order.kind}`]: (1_000 * cpuMs) / done, ...perEvent(spent(), doneInAll) },
    latencies: new Latencies().add(latencies),
  };
}

/** The floors that several figures stand beside. */
export interface LibraryFloors {
  produce: LibraryFloor;
  pipeline: LibraryFloor;
  insert: LibraryFloor;
}

/** Measures the libraries, once a run. */
export function libraryFloors(stage: Stage, { pieceSeconds: seconds }: Effort): Promise<LibraryFloors> {
  return stage.once("library floors", async () => {
    const { kafka, redis } = stage.servers;
    const produce = { kind: "produce", brokers: kafka.url, perBatch: EVENTS_A_PRODUCE, seconds } as const;
    const pipeline = { kind: "pipeline", url: redis.url, cars: CARS_A_SWEEP, seconds } as const;
    return {
      produce: await measureLibrary(stage, produce, "kafka"),
      pipeline: await measureLibrary(stage, pipeline, "redis"),
      insert: await measureInsert(stage, seconds),
    };
  });
}

/** Measures pg at inserting. */
export function measureInsert(stage: Stage, seconds: number): Promise<LibraryFloor> {
  const { url } = stage.servers.postgres;
  const order = { kind: "insert", url, perBatch: ROWS_AN_INSERT, connections: CONNECTIONS, seconds } as const;
  return measureLibrary(stage, order, "postgres");
}

/** What all processes spend together, µs. */
export const totalUs = (cpuUs: Record<string, number>) => Object.values(cpuUs).reduce((sum, us) => sum + us, 0);

const row = (id: string, what: string, unit: Row["unit"], { perSecond, cpuUs }: LibraryFloor): Row => ({
  id,
  what,
  unit,
  better: "more",
  measured: perSecond,
  cpuUs,
  notes: [],
});

/** The client libraries alone. */
export const librariesFigure: Figure = {
  name: "libraries",
  run: async (stage, effort) => {
    const { produce, pipeline, insert } = await libraryFloors(stage, effort);
    return {
      faults: [],
      rows: [
        row("bare-produce", `bare kafkajs, acks=all, batches of ${EVENTS_A_PRODUCE}`, "events/s", produce),
        row("bare-pipeline", `bare ioredis, pipelines of ${CARS_A_SWEEP} cars' positions`, "events/s", pipeline),
        row("bare-insert", `bare pg, unnest inserts of ${ROWS_AN_INSERT} rows`, "rows/s", insert),
      ],
    };
  },
};
