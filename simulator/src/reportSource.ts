import type { City } from "@greenlane/city";
import type { Telemetry } from "@greenlane/contracts";
import { createFleet, type FleetPlan } from "./fleet.ts";
import type { SimulatedCar } from "./simulatedCar.ts";

/** Who reports what, and when. Its time begins with the first call of `due`. */
export interface ReportSource {
  carIds: string[];
  /** Hands out the reports that are due; `mayTake` is asked first, and a car that may not waits. */
  due(nowMs: number, mayTake: (carId: string) => boolean, take: (report: Telemetry) => void): void;
  /** Whether nothing more will come. */
  exhausted(): boolean;
  /** The cars that negotiate. */
  negotiators: SimulatedCar[];
  /** Ends the service of all cars, and hands out the reports that tell of it. */
  retire(nowMs: number, take: (report: Telemetry) => void): void;
}

/** A car that had to wait makes up for what it would have reported in this time, not for more. */
const MADE_UP_MS = 1_000;

/** Cars that set out in a second: each opens a stream, and a fleet that came all at once would be a herd of its own. */
const SET_OUT_A_SECOND = 200;

/** A living fleet: each car reports `rate` times a second, its physics `speedUp` times as fast as the clock. */
export function fleetSource(plan: FleetPlan & { rate: number }, city?: City): ReportSource {
  const fleet = createFleet(plan, city);
  const periodMs = 1000 / plan.rate;
  /** First reports are spread over a period, so that the cars report in turn, and over the time that setting out takes. */
  const spreadMs = Math.max(periodMs, (fleet.length / SET_OUT_A_SECOND) * 1000);
  const startAt = (startMs: number) =>
    fleet.map((car, n) => ({ car, dueMs: startMs + (n / fleet.length) * spreadMs, reportedMs: startMs }));
  let schedule: ReturnType<typeof startAt> | undefined;
  return {
    carIds: fleet.map((car) => car.carId),
    due(nowMs, mayTake, take) {
      schedule ??= startAt(nowMs);
      for (const entry of schedule) {
        if (entry.dueMs > nowMs) continue;
        entry.dueMs = Math.max(entry.dueMs, nowMs - MADE_UP_MS);
        for (; entry.dueMs <= nowMs && mayTake(entry.car.carId); entry.dueMs += periodMs) {
          // Of several that are due at once the last is of now, and the others a millisecond apart before it.
          const dueAfterIt = Math.floor((nowMs - entry.dueMs) / periodMs);
          const atMs = Math.max(nowMs - dueAfterIt, entry.reportedMs + 1);
          entry.car.step(((atMs - entry.reportedMs) / 1000) * plan.speedUp, atMs);
          entry.reportedMs = atMs;
          take(entry.car.report(atMs));
        }
      }
    },
    exhausted: () => false,
    negotiators: plan.negotiate ? fleet : [],
    retire(nowMs, take) {
      for (const { car, reportedMs } of schedule ?? [])
        if (car.retire()) take(car.report(Math.max(nowMs, reportedMs + 1)));
    },
  };
}

/**
 * A recording played again, in its order of time: distances in time are kept (divided by `speedUp`), times are moved
 * to now. Two moments of a car stay two, a millisecond apart at least, however fast they are played.
 * @param recorded in the order of their times
 */
export function replaySource(recorded: Telemetry[], speedUp: number): ReportSource {
  const firstMs = recorded[0]?.timestampMs ?? 0;
  const reportedMs = new Map(recorded.map(({ carId }) => [carId, 0]));
  let next = 0;
  let startMs: number | undefined;
  return {
    carIds: [...reportedMs.keys()],
    due(nowMs, mayTake, take) {
      startMs ??= nowMs;
      for (let report = recorded[next]; report !== undefined; report = recorded[next]) {
        const dueMs = Math.round(startMs + (report.timestampMs - firstMs) / speedUp);
        if (dueMs > nowMs || !mayTake(report.carId)) return;
        next++;
        const atMs = Math.max(dueMs, (reportedMs.get(report.carId) ?? 0) + 1);
        reportedMs.set(report.carId, atMs);
        take({ ...report, timestampMs: atMs });
      }
    },
    exhausted: () => next >= recorded.length,
    negotiators: [],
    retire: () => undefined,
  };
}
