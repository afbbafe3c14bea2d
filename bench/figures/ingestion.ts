import type { LoadPlan } from "../load/messages.ts";
import { type Metered, perEvent } from "./cpuMeter.ts";
import type { Effort, Figure, FigureResult } from "./figure.ts";
import { loadFaults, loadInTurn, perSecond } from "./loadSide.ts";
import { addressOf, type Stage } from "./stage.ts";

interface Shape {
  name: string;
  what: string;
  mark?: number;
  connections: number;
  streams: number;
  inFlight: number;
  gateway?: LoadPlan["gateway"];
  /** Ingestion processes that share the connections; 1 when left out. */
  instances?: number;
}

const SHAPES: Shape[] = [
  {
    name: "streams-1000",
    what: "ingestion, 1,000 car streams over 16 connections, one event in flight each",
    mark: 40_000,
    connections: 16,
    streams: 1_000,
    inFlight: 1,
  },
  {
    name: "connections-1000",
    what: "ingestion × 2, 1,000 cars with a connection each, one event in flight",
    mark: 15_000,
    connections: 1_000,
    streams: 1_000,
    inFlight: 1,
    instances: 2,
  },
  {
    name: "connections-1000x10",
    what: "ingestion × 2, 1,000 cars with a connection each, ten events in flight",
    mark: 33_000,
    connections: 1_000,
    streams: 1_000,
    inFlight: 10,
    instances: 2,
  },
  {
    name: "streams-100",
    what: "ingestion, 100 car streams over 16 connections, one event in flight each",
    mark: 25_000,
    connections: 16,
    streams: 100,
    inFlight: 1,
  },
  {
    name: "streams-100-x2",
    what: "ingestion × 2, 100 car streams over 16 connections, one event in flight each",
    mark: 25_000,
    connections: 16,
    streams: 100,
    inFlight: 1,
    instances: 2,
  },
  {
    name: "stream-1",
    what: "ingestion, 1 car stream, one event in flight",
    mark: 500,
    connections: 1,
    streams: 1,
    inFlight: 1,
  },
  {
    name: "gateways",
    what: "ingestion × 2, 16 gateway streams of 500 cars, batches of 100, four in flight",
    mark: 80_000,
    connections: 16,
    streams: 16,
    inFlight: 4,
    gateway: { cars: 500, batch: 100 },
    instances: 2,
  },
  {
    name: "ingestion-x2",
    what: "ingestion × 2, 1,000 car streams over 16 connections, one event in flight each",
    mark: 40_000,
    connections: 16,
    streams: 1_000,
    inFlight: 1,
    instances: 2,
  },
];

async function measureShape(shape: Shape, stage: Stage, { pieceSeconds }: Effort): Promise<FigureResult> {
  const { connections, streams, inFlight, gateway, instances = 1 } = shape;
  const services = [];
  for (let n = 0; n < instances; n++) services.push(await stage.ingestion(n));
  const echo = await stage.echo();
  const pace = { kind: "closed", inFlight } as const;
  const side = (targets: string[], processes: Metered[]) => {
    const plan = stage.plan(targets, connections, streams);
    return { plan: gateway ? { ...plan, gateway } : plan, pace, processes };
  };
  const appendedBefore = await stage.log.appended();
  const processes = [
    { name: "ingestion", pids: services.map((service) => service.pid()) },
    ...stage.serverProcesses("kafka", "redis"),
  ];
  const [measured, floor] = await loadInTurn(
    [side(services.map(addressOf), processes), side([echo.address], echo.processes)],
    pieceSeconds,
  );
  if (measured === undefined || floor === undefined) throw new Error("a side was not measured");
  const inLog = (await stage.log.appended()) - appendedBefore;
  await stage.log.clear();
  const ms = (share: number) => ((measured.latencies.quantile(share) ?? 0) / 1_000).toFixed(1);
  return {
    faults: [...loadFaults(measured.counts, inLog), ...loadFaults(floor.counts).map((fault) => `floor: ${fault}`)],
    rows: [
      {
        id: shape.name,
        what: shape.what,
        unit: "events/s",
        better: "more",
        ...(shape.mark !== undefined && { mark: shape.mark }),
        measured: perSecond(measured),
        floor: { what: "bare grpc-js echo", value: perSecond(floor) },
        cpuUs: perEvent(measured.cpu, measured.acked),
        floorCpuUs: perEvent(floor.cpu, floor.acked),
        notes: [`send → ack p50 ${ms(0.5)} ms, p99 ${ms(0.99)} ms`],
      },
    ],
  };
}

/** How many events a second ingestion takes and acks, by how they come. */
export const ingestionFigures: Figure[] = SHAPES.map((shape) => ({
  name: shape.name,
  run: (stage, effort) => measureShape(shape, stage, effort),
}));
