import { type AdminServer, Counter, createMetrics, Gauge, startAdminServer } from "@greenlane/runtime";
import type { LinkCounts } from "./carLink.ts";

/** A running fleet, as its admin HTTP tells of it. */
export interface RunningFleet {
  cars: number;
  counts: LinkCounts;
  /** Reports that wait for their ack now. */
  unacked(): number;
}

/** GET /health, /ready (once ingestion has acked a report) and /metrics of a fleet. Rejects when the port is taken. */
export function startFleetAdmin(listen: { host: string; port: number }, fleet: RunningFleet): Promise<AdminServer> {
  const metrics = createMetrics("simulator");
  const registers = [metrics];
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  const { counts } = fleet;
  gauge("simulator_cars", "Cars of the fleet", () => fleet.cars);
  gauge("simulator_reports_unacked", "Reports that wait for their ack", fleet.unacked);
  counter("simulator_reports_sent_total", "Reports made", () => counts.sent);
  counter("simulator_reports_acked_total", "Reports acked", () => counts.acked);
  counter("simulator_reports_rejected_total", "Reports refused as breaking a rule", () => counts.rejected);
  counter("simulator_reports_resent_total", "Reports sent again over a new stream", () => counts.resent);
  counter("simulator_reconnects_total", "Streams that ended and were opened again", () => counts.reconnects);
  new Gauge({
    name: "simulator_ack_latency_seconds",
    help: "From the first sending of a report to its ack, since the start",
    labelNames: ["quantile"],
    registers,
    collect() {
      for (const percent of [50, 99])
        this.set({ quantile: `${percent / 100}` }, counts.ackLatencyUs.percentile(percent) / 1e6);
    },
  });
  const readiness = () => ({
    ready: counts.acked > 0,
    checks: { ingestion: counts.acked > 0 ? "ok" : "no report was acked yet" },
  });
  return startAdminServer(listen, { service: "simulator", metrics, readiness });
}
