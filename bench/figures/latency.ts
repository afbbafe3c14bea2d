import { summariseFleet } from "@greenlane/timescale";
import type { Latencies } from "../load/latencies.ts";
import { perEvent } from "./cpuMeter.ts";
import type { Effort, Figure, FigureResult, Row } from "./figure.ts";
import { measureLibrary } from "./libraryFloors.ts";
import { loadFaults, loadInTurn } from "./loadSide.ts";
import { addressOf, type Stage } from "./stage.ts";

const EVENTS_PER_SECOND = 5_000;
const CONNECTIONS = 16;
const STREAMS = 1_000;
/** What comes together at that rate, about, where nothing waits for more. */
const EVENTS_AT_A_TIME = 10;

const QUANTILES = [
  { name: "p50", share: 0.5, ackMark: 4, rowMark: 10 },
  { name: "p99", share: 0.99, ackMark: 15, rowMark: 30 },
] as const;

const ms = (latencies: Latencies, share: number) => (latencies.quantile(share) ?? Number.NaN) / 1_000;

async function measureLatency(stage: Stage, effort: Effort): Promise<FigureResult> {
  const ingestion = await stage.ingestion();
  const echo = await stage.echo();
  await stage.log.clear();
  const worker = await stage.startWorker();
  const pace = { kind: "open", perSecond: EVENTS_PER_SECOND } as const;
  const side = (target: string) => ({
    plan: stage.plan([target], CONNECTIONS, STREAMS),
    pace,
  });
  const appendedBefore = await stage.log.appended();
  const processes = [
    { name: "ingestion", pids: [ingestion.pid()] },
    { name: "pricing-worker", pids: [worker.pid()] },
    ...stage.serverProcesses("kafka", "postgres", "redis"),
  ];
  const measuredSide = { ...side(addressOf(ingestion)), processes };
  const floorSide = { ...side(echo.address), processes: echo.processes };
  const [measured, floor] = await loadInTurn([measuredSide, floorSide], effort.pieceSeconds);
  if (measured === undefined || floor === undefined) throw new Error("a side was not measured");
  await stage.log.drainedTo(0);
  const inLog = (await stage.log.appended()) - appendedBefore;
  const { carPrefix } = measuredSide.plan;
  const carIds = Array.from({ length: STREAMS }, (_, n) => `${carPrefix}${n}`);
  const { rows: stored } = await summariseFleet(stage.database, carIds, 0);
  const { sendToRowMs } = await summariseFleet(stage.database, carIds, measured.measuredFromMs);
  await stage.stopWorkers();
  await stage.log.clear();

  const { kafka, postgres } = stage.servers;
  const seconds = effort.pieceSeconds;
  const few = { perBatch: EVENTS_AT_A_TIME, seconds };
  const produce = await measureLibrary(stage, { kind: "produce", brokers: kafka.url, ...few }, "kafka");
  const insertOrder = { kind: "insert", url: postgres.url, connections: 1, ...few } as const;
  const insert = await measureLibrary(stage, insertOrder, "postgres");

  const faults = [...loadFaults(measured.counts, inLog), ...loadFaults(floor.counts).map((fault) => `floor: ${fault}`)];
  if (stored !== measured.counts.sent) faults.push(`${measured.counts.sent} sent, ${stored} rows`);
  const cpuUs = perEvent(measured.cpu, measured.acked);
  const common: Pick<Row, "unit" | "better" | "notes"> = { unit: "ms", better: "less", notes: [] };
  const acks = QUANTILES.map(
    ({ name, share, ackMark }): Row => ({
      ...common,
      id: `ack-${name}`,
      what: `send → ack ${name} at ${EVENTS_PER_SECOND.toLocaleString("en-US")} events/s`,
      mark: ackMark,
      measured: ms(measured.latencies, share),
      floor: { what: "bare grpc-js echo", value: ms(floor.latencies, share) },
      ...(share === 0.5 ? { cpuUs, floorCpuUs: perEvent(floor.cpu, floor.acked) } : { cpuUs: {} }),
    }),
  );
  const rows = QUANTILES.flatMap(({ name, share, rowMark }): Row[] => {
    if (sendToRowMs === undefined) return [];
    const parts = [floor.latencies, produce.latencies, insert.latencies];
    return [
      {
        ...common,
        id: `row-${name}`,
        what: `send → row ${name} at ${EVENTS_PER_SECOND.toLocaleString("en-US")} events/s`,
        mark: rowMark,
        measured: sendToRowMs[name],
        floor: {
          what: "bare echo + produce + insert",
          value: parts.reduce((sum, latencies) => sum + ms(latencies, share), 0),
        },
        cpuUs: {},
      },
    ];
  });
  return { faults, rows: [...acks, ...rows] };
}

/** How long a report takes to its ack and to its row, at a steady rate. */
export const latencyFigure: Figure = { name: "latency", run: measureLatency };
