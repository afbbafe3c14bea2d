import type { Telemetry } from "@greenlane/contracts";
import { pause, type Runtime } from "@greenlane/runtime";
import type { Redis } from "./client.ts";
import { isHeldByGeo } from "./geoSet.ts";
import { positionMetrics } from "./positionMetrics.ts";
import { positionsOf } from "./positions.ts";

const CARS_A_CALL = 500;
/** A car's position is written at most so often: fresher than an operator can see, and a fraction of the work. */
const SWEEP_EVERY_MS = 500;
const RETRY_MS = 200;

export interface FleetMapWriter extends AsyncDisposable {
  /** Takes a report; only the newest of a car waits to be written, and it is written when Redis can take it. */
  record(report: Telemetry): void;
  /** Whether what Redis holds is behind because writes fail. */
  isStale(): boolean;
}

export interface FleetMapBounds {
  /** Cars whose newest report may wait for Redis; past it a report is left out and counted, its next one may fit again. */
  maxWaitingCars: number;
  /** A car that has not reported for so long is taken off the map, ms. */
  forgetAfterMs: number;
}

/**
 * Keeps the view of where every car is now. Reports are coalesced a car, and written in sweeps over all cars that
 * reported since the last one.
 */
export function startFleetMapWriter(redis: Redis, runtime: Runtime, bounds: FleetMapBounds): FleetMapWriter {
  const recordPositions = positionsOf(redis);
  const waiting = new Map<string, Telemetry>();
  const closing = new AbortController();
  let stale = false;
  let wake: (() => void) | undefined;

  const metrics = positionMetrics(runtime.metrics, { waiting: () => waiting.size, isStale: () => stale });

  async function write(reports: Telemetry[]): Promise<void> {
    const { older, odd } = await recordPositions(reports, runtime.clock.nowMs() - bounds.forgetAfterMs);
    metrics.older.inc(older);
    metrics.odd.inc(odd);
    metrics.written.inc(reports.length - older - odd);
    metrics.offMap.inc(reports.filter((report) => !isHeldByGeo(report)).length);
    for (const report of reports) {
      if (waiting.get(report.carId) === report) waiting.delete(report.carId);
    }
  }

  async function sweep(): Promise<void> {
    const reports = [...waiting.values()];
    for (let from = 0; from < reports.length; from += CARS_A_CALL) await write(reports.slice(from, from + CARS_A_CALL));
  }

  const somethingWaits = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });

  async function run(): Promise<void> {
    for (;;) {
      while (waiting.size === 0) {
        if (closing.signal.aborted) return;
        await somethingWaits();
      }
      const startedAtMs = performance.now();
      try {
        await sweep();
        stale = false;
        await pause(SWEEP_EVERY_MS - (performance.now() - startedAtMs), closing.signal);
      } catch (err) {
        metrics.failed.inc();
        if (!stale) runtime.logger.warn({ err }, "positions in Redis are stale; telemetry flows on");
        stale = true;
        if (closing.signal.aborted) return;
        await pause(RETRY_MS, closing.signal);
      }
    }
  }
  const running = run();

  return {
    record(report) {
      const held = waiting.get(report.carId);
      if (held !== undefined && held.timestampMs > report.timestampMs) return;
      if (held === undefined && waiting.size >= bounds.maxWaitingCars) {
        metrics.leftOut.inc();
        return;
      }
      waiting.set(report.carId, report);
      wake?.();
      wake = undefined;
    },
    isStale: () => stale,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      wake?.();
      await running;
    },
  };
}
