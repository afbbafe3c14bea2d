import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { LoadTool } from "../load/loadTool.ts";
import type { LoadPlan, Pace } from "../load/messages.ts";
import { type Metered, perEvent, startCpuMeter } from "./cpuMeter.ts";
import type { Effort, Figure, FigureResult, Row } from "./figure.ts";
import { libraryFloors, totalUs } from "./libraryFloors.ts";
import { loadFaults, loadInTurn } from "./loadSide.ts";
import { addressOf, type Stage } from "./stage.ts";

interface Shape {
  name: string;
  what: string;
  mark: number;
  streams: number;
  inFlight: number;
  gateway?: LoadPlan["gateway"];
}

const CONNECTIONS = 16;
const SHAPES: Shape[] = [
  {
    name: "thread",
    what: "whole thread, car to row, 1,000 car streams over 16 connections",
    mark: 35_000,
    streams: 1_000,
    inFlight: 1,
  },
  {
    name: "thread-gateways",
    what: "whole thread, car to row, 16 gateway streams of 500 cars",
    mark: 50_000,
    streams: 16,
    inFlight: 4,
    gateway: { cars: 500, batch: 100 },
  },
];

/** The load holds when the worker is so many events behind, about half a second, and goes on when it no longer is. */
const MAX_LAG = 20_000;
const POLL_MS = 100;
const WARM_S = 3;
/** Positions are written so often, a car. */
const SWEEPS_PER_SECOND = 2;
/** Of the samples, those that the lag at a moment is told from. */
const LAG_SAMPLES = 10;

async function measureThread(shape: Shape, stage: Stage, effort: Effort): Promise<FigureResult> {
  const { streams, inFlight, gateway } = shape;
  const ingestion = await stage.ingestion();
  const floor = await threadFloor(shape, stage, effort);
  await stage.log.clear();
  const worker = await stage.startWorker();
  const plan = { ...stage.plan([addressOf(ingestion)], CONNECTIONS, streams), ...(gateway && { gateway }) };
  await using tool = await LoadTool.open(plan);
  const pace = { kind: "closed", inFlight } as const;
  const appendedBefore = await stage.log.appended();
  const warmSeconds = Math.min(WARM_S, effort.sustainedSeconds);
  const seconds = warmSeconds + effort.sustainedSeconds;
  const processes = [
    { name: "ingestion", pids: [ingestion.pid()] },
    { name: "pricing-worker", pids: [worker.pid()] },
    ...stage.serverProcesses("kafka", "postgres", "redis"),
    { name: "load", pids: tool.pids },
  ];
  const run = await loadWithinLag(stage, tool, pace, { warmSeconds, seconds, processes });
  const counts = await tool.stop();
  await tool.close();
  await stage.log.drainedTo(0);
  const inLog = (await stage.log.appended()) - appendedBefore;
  const rows = await stage.rowsOf(plan.carPrefix);
  await stage.log.clear();
  const faults = loadFaults(counts, inLog);
  if (rows !== counts.sent) faults.push(`${counts.sent} sent, ${rows} rows`);
  const row: Row = {
    id: shape.name,
    what: shape.what,
    unit: "rows/s",
    better: "more",
    mark: shape.mark,
    measured: run.stored / run.seconds,
    cpuUs: run.cpuUs,
    notes: [
      `over ${run.seconds.toFixed(0)} s`,
      `${run.lagThird} events behind after a third, ${run.lagEnd} at the end; the load held ${(100 * run.heldShare).toFixed(0)} % of the time`,
    ],
  };
  if (floor !== undefined) {
    const floorUs = floor(row.measured);
    row.floor = {
      what: "the libraries' CPU on all cores",
      value: (1e6 * cpus().length) / totalUs(floorUs),
    };
    row.floorCpuUs = floorUs;
  }
  return { faults, rows: [row] };
}

interface LaggedRun {
  /** Events that became rows while it was measured. */
  stored: number;
  seconds: number;
  cpuUs: Record<string, number>;
  /** Events that were not committed yet, a third through and at the end. */
  lagThird: number;
  lagEnd: number;
  /** For which share of the time the load was held. */
  heldShare: number;
}

/**
 * Loads as fast as the whole thread goes: whenever the worker is too far behind the load holds until it is not. So what
 * is measured is what can be kept up, and the lag shows that it is.
 */
async function loadWithinLag(
  { log }: Stage,
  tool: LoadTool,
  pace: Pace,
  span: { warmSeconds: number; seconds: number; processes: Metered[] },
): Promise<LaggedRun> {
  const lags: number[] = [];
  let held = 0;
  let isHeld = true;
  async function runUntil(endMs: number): Promise<void> {
    while (performance.now() < endMs) {
      const lag = await log.lag();
      lags.push(lag);
      if (isHeld && lag < MAX_LAG) {
        await tool.start(pace);
        isHeld = false;
      } else if (!isHeld && lag >= MAX_LAG) {
        await tool.stop();
        isHeld = true;
      }
      if (isHeld) held++;
      await sleep(POLL_MS);
    }
  }
  const stored = async () => (await log.appended()) - (await log.lag());
  const startedAtMs = performance.now();
  await runUntil(startedAtMs + span.warmSeconds * 1_000);
  lags.length = 0;
  held = 0;
  const spent = startCpuMeter(span.processes);
  const measuredAtMs = performance.now();
  const storedBefore = await stored();
  await runUntil(startedAtMs + span.seconds * 1_000);
  const storedNow = (await stored()) - storedBefore;
  const seconds = (performance.now() - measuredAtMs) / 1_000;
  const around = (at: number) => mean(lags.slice(Math.max(0, at - LAG_SAMPLES), Math.max(1, at)));
  return {
    stored: storedNow,
    seconds,
    cpuUs: perEvent(spent(), storedNow),
    lagThird: around(Math.ceil(lags.length / 3)),
    lagEnd: around(lags.length),
    heldShare: held / lags.length,
  };
}

const mean = (values: number[]) => Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);

/**
 * What the libraries alone spend on an event on its way, given how many events a second share the cost of positions;
 * undefined where the servers' CPU time cannot be told.
 */
async function threadFloor({ streams, inFlight, gateway }: Shape, stage: Stage, effort: Effort) {
  if (stage.serverProcesses("kafka").length === 0) return undefined;
  const { produce, pipeline, insert } = await libraryFloors(stage, effort);
  const echo = await stage.echo();
  const plan = { ...stage.plan([echo.address], CONNECTIONS, streams), ...(gateway && { gateway }) };
  const side = { plan, pace: { kind: "closed", inFlight } as const, processes: echo.processes };
  const [bare] = await loadInTurn([side], effort.pieceSeconds);
  if (bare === undefined) throw new Error("the bare server was not measured");
  const cars = streams * (gateway?.cars ?? 1);
  return (perSecond: number): Record<string, number> => ({
    ...perEvent(bare.cpu, bare.acked),
    "produce, with Kafka": totalUs(produce.cpuUs),
    "pipeline, with Redis": totalUs(pipeline.cpuUs) * Math.min(1, (cars * SWEEPS_PER_SECOND) / perSecond),
    "insert, with Postgres": totalUs(insert.cpuUs),
  });
}

/** How many events a second go all the way from a car to a row, for as long as they may. */
export const wholeThreadFigures: Figure[] = SHAPES.map((shape) => ({
  name: shape.name,
  run: (stage, effort) => measureThread(shape, stage, effort),
}));
