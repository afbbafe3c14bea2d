import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { carKey, FLEET_LAST_SEEN_KEY, FLEET_LOCATIONS_KEY, type Telemetry } from "@greenlane/contracts";
import { Counter, Gauge, type Runtime } from "@greenlane/runtime";
import type { Redis, Result } from "ioredis";

const SCRIPT = readFileSync(new URL("../lua/recordPositions.lua", import.meta.url), "utf8");

/** Web Mercator's limit, beyond which Redis GEO holds no point. */
const GEO_MAX_LATITUDE = 85.05112878;

const CARS_A_CALL = 500;
const RETRY_MS = 200;

declare module "ioredis" {
  interface RedisCommander<Context> {
    recordPositions(keys: number, ...keysAndArguments: (string | number)[]): Result<number, Context>;
  }
}

export interface FleetMapWriter extends AsyncDisposable {
  /** Takes a report; only the newest of a car waits to be written, and it is written when Redis can take it. */
  record(report: Telemetry): void;
  /** Whether what Redis holds is behind because writes fail. */
  isStale(): boolean;
}

/**
 * Keeps the view of where every car is now. Reports are coalesced a car, and a write holds what came while the last
 * one was under way. Memory is bounded by `maxWaitingCars`: past it a car's report is left out and counted; its next
 * one may fit again.
 */
export function startFleetMapWriter(redis: Redis, runtime: Runtime, maxWaitingCars = 100_000): FleetMapWriter {
  redis.defineCommand("recordPositions", { lua: SCRIPT });
  const waiting = new Map<string, Telemetry>();
  let closing = false;
  let stale = false;
  let wake: (() => void) | undefined;

  const registers = [runtime.metrics];
  const written = new Counter({ name: "redis_positions_written_total", help: "Positions written to Redis", registers });
  const older = new Counter({
    name: "redis_positions_older_total",
    help: "Reports older than what Redis held",
    registers,
  });
  const offMap = new Counter({
    name: "redis_positions_off_map_total",
    help: "Cars beyond the latitudes that Redis GEO can hold",
    registers,
  });
  const leftOut = new Counter({
    name: "redis_positions_left_out_total",
    help: "Reports left out as too many cars waited",
    registers,
  });
  const failed = new Counter({
    name: "redis_writes_failed_total",
    help: "Writes that Redis refused or did not answer",
    registers,
  });
  const staleGauge = new Gauge({
    name: "redis_positions_stale",
    help: "1 while positions in Redis are behind",
    registers,
  });
  new Gauge({
    name: "redis_positions_waiting",
    help: "Cars whose newest report waits for Redis",
    registers,
    collect() {
      this.set(waiting.size);
    },
  });

  async function writeSome(): Promise<void> {
    const reports: Telemetry[] = [];
    for (const report of waiting.values()) {
      reports.push(report);
      if (reports.length === CARS_A_CALL) break;
    }
    const keys: string[] = [FLEET_LOCATIONS_KEY, FLEET_LAST_SEEN_KEY];
    const args: (string | number)[] = [];
    let beyond = 0;
    for (const r of reports) {
      const onMap = Math.abs(r.latitude) <= GEO_MAX_LATITUDE;
      if (!onMap) beyond++;
      keys.push(carKey(r.carId));
      args.push(r.carId, r.latitude, r.longitude, r.timestampMs, r.batteryPercent, r.velocityKmh);
      args.push(r.chargingStationId, r.sessionId, r.energyKwh, r.odometerKm, onMap ? "1" : "0");
    }
    older.inc(await redis.recordPositions(keys.length, ...keys, ...args));
    written.inc(reports.length);
    offMap.inc(beyond);
    for (const report of reports) {
      if (waiting.get(report.carId) === report) waiting.delete(report.carId);
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      if (waiting.size === 0) {
        if (closing) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      try {
        await writeSome();
        stale = false;
      } catch (err) {
        failed.inc();
        if (!stale) runtime.logger.warn({ err }, "positions in Redis are stale; telemetry flows on");
        stale = true;
        if (closing) return;
        await sleep(RETRY_MS);
      }
      staleGauge.set(stale ? 1 : 0);
    }
  }
  const running = run();

  return {
    record(report) {
      const held = waiting.get(report.carId);
      if (held !== undefined && held.timestampMs > report.timestampMs) return;
      if (held === undefined && waiting.size >= maxWaitingCars) {
        leftOut.inc();
        return;
      }
      waiting.set(report.carId, report);
      wake?.();
      wake = undefined;
    },
    isStale: () => stale,
    [Symbol.asyncDispose]: async () => {
      closing = true;
      wake?.();
      await running;
    },
  };
}
