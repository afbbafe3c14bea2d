import type { Telemetry } from "@greenlane/contracts";
import { createFleet, type FleetPlan } from "./fleet.ts";
import { readReplay } from "./replay.ts";

/** Who reports what, and when. */
export interface ReportSource {
  carIds: string[];
  /** Hands out the reports that are due; `mayTake` is asked first, and a car that may not waits. */
  due(nowMs: number, mayTake: (carId: string) => boolean, take: (report: Telemetry) => void): void;
  /** Whether nothing more will come. */
  exhausted(): boolean;
}

/** A living fleet: each car reports `rate` times a second, its physics `speedUp` times as fast as the clock. */
export function fleetSource(plan: FleetPlan & { rate: number; speedUp: number }, startMs: number): ReportSource {
  const fleet = createFleet(plan);
  const periodMs = 1000 / plan.rate;
  const schedule = fleet.map((car, n) => ({
    car,
    dueMs: startMs + (n / fleet.length) * periodMs,
    reportedMs: startMs,
  }));
  return {
    carIds: fleet.map((car) => car.carId),
    due(nowMs, mayTake, take) {
      for (const entry of schedule) {
        if (entry.dueMs > nowMs || !mayTake(entry.car.carId)) continue;
        const atMs = Math.max(nowMs, entry.reportedMs + 1);
        entry.car.step(((atMs - entry.reportedMs) / 1000) * plan.speedUp, atMs);
        entry.reportedMs = atMs;
        entry.dueMs = Math.max(entry.dueMs + periodMs, nowMs - 10 * periodMs);
        take(entry.car.report(atMs));
      }
    },
    exhausted: () => false,
  };
}

/** A recording played again: distances in time are kept (divided by `speedUp`), times are moved to now. */
export function replaySource(file: string, speedUp: number, startMs: number): ReportSource {
  const reports = readReplay(file);
  const firstMs = reports[0]?.timestampMs ?? 0;
  let next = 0;
  return {
    carIds: [...new Set(reports.map((report) => report.carId))],
    due(nowMs, mayTake, take) {
      for (let report = reports[next]; report !== undefined; report = reports[next]) {
        const atMs = Math.round(startMs + (report.timestampMs - firstMs) / speedUp);
        if (atMs > nowMs || !mayTake(report.carId)) return;
        next++;
        take({ ...report, timestampMs: atMs });
      }
    },
    exhausted: () => next >= reports.length,
  };
}
