import { Counter, gaugeOf, type Registry } from "@greenlane/runtime";

/** What is counted of the positions on their way to Redis. */
export function positionMetrics(registry: Registry, now: { waiting: () => number; isStale: () => boolean }) {
  gaugeOf(registry, "redis_positions_stale", "1 while positions in Redis are behind", () => (now.isStale() ? 1 : 0));
  gaugeOf(registry, "redis_positions_waiting", "Cars whose newest report waits for Redis", now.waiting);
  const counter = (name: string, help: string) => new Counter({ name, help, registers: [registry] });
  return {
    written: counter("redis_positions_written_total", "Positions written to Redis"),
    older: counter("redis_positions_older_total", "Reports older than what Redis held"),
    odd: counter("redis_positions_odd_total", "Reports of cars whose key in Redis holds something else"),
    offMap: counter("redis_positions_off_map_total", "Cars beyond the latitudes that Redis GEO can hold"),
    leftOut: counter("redis_positions_left_out_total", "Reports left out as too many cars waited"),
    failed: counter("redis_writes_failed_total", "Writes that Redis refused or did not answer"),
  };
}
