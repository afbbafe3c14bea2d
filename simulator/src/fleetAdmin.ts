import type { RecordableHistogram } from "node:perf_hooks";
import { type AdminServer, counterOf, createMetrics, Gauge, gaugeOf, startAdminServer } from "@greenlane/runtime";
import type { DealCounts } from "./depot.ts";
import type { LinkCounts } from "./reportLink.ts";

/** A running fleet, as its admin HTTP tells of it. */
export interface RunningFleet {
  cars: number;
  counts: LinkCounts;
  deals: DealCounts;
  /** Reports that wait for their ack now. */
  unacked(): number;
}

/** GET /health, /ready (once ingestion has acked a report) and /metrics of a fleet. Rejects when the port is taken. */
export function startFleetAdmin(listen: { host: string; port: number }, fleet: RunningFleet): Promise<AdminServer> {
  const metrics = createMetrics("simulator");
  const counter = (name: string, help: string, sum: () => number) => counterOf(metrics, name, help, sum);
  const gauge = (name: string, help: string, value: () => number) => gaugeOf(metrics, name, help, value);
  const { counts, deals } = fleet;
  gauge("simulator_cars", "Cars of the fleet", () => fleet.cars);
  gauge("simulator_reports_unacked", "Reports that wait for their ack", fleet.unacked);
  counter("simulator_reports_sent_total", "Reports made", () => counts.sent);
  counter("simulator_reports_acked_total", "Reports acked", () => counts.acked);
  counter("simulator_reports_rejected_total", "Reports refused as breaking a rule", () => counts.rejected);
  counter("simulator_reports_resent_total", "Reports sent again over a new stream", () => counts.resent);
  counter("simulator_reconnects_total", "Streams that ended and were opened again", () => counts.reconnects);
  counter("simulator_requests_total", "Requests for energy", () => deals.requests);
  counter("simulator_offers_total", "Requests answered with offers", () => deals.offers);
  counter("simulator_counters_total", "Offers countered", () => deals.counters);
  counter("simulator_declined_total", "Offers and invitations declined", () => deals.declined);
  counter("simulator_waitlisted_total", "Requests put in line", () => deals.waitlisted);
  counter("simulator_refused_total", "Refusals", () => deals.refused);
  counter("simulator_invitations_total", "Invitations heard", () => deals.invitations);
  counter("simulator_invitations_accepted_total", "Invitations accepted", () => deals.invitationsAccepted);
  counter("simulator_booked_total", "Bookings told as confirmed", () => deals.booked);
  counter("simulator_moves_asked_total", "Other times asked for", () => deals.moves);
  counter("simulator_bookings_lost_total", "Bookings that ended while their car counted on them", () => deals.lost);
  counter(
    "simulator_negotiation_reconnects_total",
    "Streams to the engine that were opened again",
    () => deals.reconnects,
  );
  const latency = (name: string, help: string, latencyUs: RecordableHistogram) =>
    new Gauge({
      name,
      help,
      labelNames: ["quantile"],
      registers: [metrics],
      collect() {
        for (const percent of [50, 99]) this.set({ quantile: `${percent / 100}` }, latencyUs.percentile(percent) / 1e6);
      },
    });
  latency(
    "simulator_ack_latency_seconds",
    "From the first sending of a report to its ack, since the start",
    counts.ackLatencyUs,
  );
  latency(
    "simulator_offers_latency_seconds",
    "From a request to its first offers, since the start",
    deals.requestToOffersUs,
  );
  latency(
    "simulator_booking_latency_seconds",
    "From an acceptance to its booking, since the start",
    deals.acceptToConfirmedUs,
  );
  const readiness = () => ({
    ready: counts.acked > 0,
    checks: { ingestion: counts.acked > 0 ? "ok" : "no report was acked yet" },
  });
  return startAdminServer(listen, { service: "simulator", metrics, readiness });
}
