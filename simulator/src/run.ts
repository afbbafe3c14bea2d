import { writeFileSync } from "node:fs";
import type { RecordableHistogram } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { loadFleetPackage, type Telemetry } from "@greenlane/contracts";
import { credentials } from "@grpc/grpc-js";
import { type DealCounts, Depot, type Negotiator, noDeals } from "./depot.ts";
import { startFleetAdmin } from "./fleetAdmin.ts";
import { OWN_CONNECTION, openFleetLinks } from "./fleetLinks.ts";
import { type LinkCounts, nothingSent } from "./reportLink.ts";
import type { ReportSource } from "./reportSource.ts";

export interface RunOptions {
  target: string;
  /** Of the booking process; where no car negotiates nobody goes there. */
  bookingTarget: string;
  token: string;
  connections: number;
  /** Whether the cars of a connection speak through one gateway, in place of a stream of their own each. */
  gateway: boolean;
  /** Seconds; 0 runs until told to stop. */
  durationS: number;
  summaryJson: string | undefined;
  /** Where /health, /ready and /metrics are served; nowhere when left out. */
  admin: { host: string; port: number } | undefined;
  signal: AbortSignal;
  say: (line: string) => void;
}

const TICK_MS = 20;
const PROGRESS_MS = 1_000;
/** How long the last acks are waited for. */
const LAST_ACKS_MS = 10_000;
/**
 * Sends a source's reports and lets its cars negotiate, until the time is over; then gives back what they have booked
 * and waits for the last acks.
 * @returns how many reports were never acked
 */
export async function runFleet(source: ReportSource, options: RunOptions): Promise<number> {
  const counts = nothingSent();
  const deals = noDeals();
  const fleet = loadFleetPackage();
  const troubles = new Set<string>();
  const onTrouble = (message: string) => {
    const kind = message.replaceAll(/\d+/g, "n");
    if (!troubles.has(kind) && troubles.size < 50) options.say(message);
    troubles.add(kind);
  };
  const { clients, links, ofCar } = openFleetLinks(source.carIds, options, counts, onTrouble);
  const connections = Math.min(options.connections, source.negotiators.length);
  const depots = Array.from({ length: connections }, (_, n) => {
    const client = new fleet.NegotiationService(options.bookingTarget, credentials.createInsecure(), OWN_CONNECTION);
    const cars = source.negotiators.filter((_car, m) => m % connections === n);
    return { cars, client, depot: new Depot(client, options.token, cars, deals, onTrouble) };
  });
  const negotiators = new Map<string, { car: Negotiator; depot: Depot }>(
    depots.flatMap(({ cars, depot }) => cars.map((car) => [car.carId, { car, depot }])),
  );
  function take(report: Telemetry): void {
    ofCar.get(report.carId)?.send(report);
    const negotiator = negotiators.get(report.carId);
    negotiator?.depot.speak(negotiator.car);
  }

  const startedAtMs = Date.now();
  const unacked = () => links.reduce((sum, link) => sum + link.unacked, 0);
  await using _admin =
    options.admin && (await startFleetAdmin(options.admin, { cars: ofCar.size, counts, deals, unacked }));
  const progress = setInterval(() => {
    const seconds = (Date.now() - startedAtMs) / 1000;
    const waiting = [...ofCar.values()].filter((link) => !link.hasRoom()).length;
    options.say(
      `cars ${ofCar.size} | ${(counts.sent / seconds).toFixed(0)} events/s | sent ${counts.sent} | acked ${counts.acked} | unacked ${unacked()} | waiting cars ${waiting} | reconnects ${counts.reconnects}${dealsLine(deals)}`,
    );
  }, PROGRESS_MS);
  const over = () =>
    options.signal.aborted ||
    source.exhausted() ||
    (options.durationS > 0 && Date.now() - startedAtMs >= options.durationS * 1000);
  while (!over()) {
    source.due(Date.now(), (carId) => ofCar.get(carId)?.hasRoom() === true, take);
    await sleep(TICK_MS);
  }
  source.retire(Date.now(), take);
  for (const { car, depot } of negotiators.values()) depot.speak(car);
  await Promise.all(depots.map(({ depot }) => depot.close()));
  const deadlineMs = Date.now() + LAST_ACKS_MS;
  while (unacked() > 0 && Date.now() < deadlineMs) await sleep(TICK_MS);
  clearInterval(progress);
  const stillUnacked = unacked();
  for (const link of links) link.close();
  for (const client of [...clients, ...depots.map((depot) => depot.client)]) client.close();
  const summary = summarise(source, counts, deals, stillUnacked, startedAtMs);
  options.say(`sent ${summary.sent}, acked ${summary.acked}, rejected ${summary.rejected}, unacked ${summary.unacked}`);
  if (source.negotiators.length > 0) options.say(dealsSummary(deals));
  if (options.summaryJson !== undefined) writeFileSync(options.summaryJson, `${JSON.stringify(summary)}\n`);
  return stillUnacked;
}

const dealsLine = ({ requests, booked }: DealCounts) =>
  requests === 0 ? "" : ` | asked ${requests} | booked ${booked}`;

function dealsSummary(deals: DealCounts): string {
  const { requests, offers, booked, waitlisted, refused, invitations, invitationsAccepted } = deals;
  const ms = (histogram: RecordableHistogram) => {
    const { p50, p99 } = percentilesMs(histogram);
    return p50 === null || p99 === null ? "–" : `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`;
  };
  return [
    `asked ${requests}, offers ${offers}, booked ${booked}, waitlisted ${waitlisted}, refused ${refused}`,
    `invited ${invitations}, of which came ${invitationsAccepted}`,
    `request → offers p50 / p99 ${ms(deals.requestToOffersUs)}`,
    `accept → confirmed p50 / p99 ${ms(deals.acceptToConfirmedUs)}`,
  ].join("; ");
}

function percentilesMs(histogram: RecordableHistogram): { p50: number | null; p99: number | null } {
  const of = (percent: number) => (histogram.count > 0 ? histogram.percentile(percent) / 1_000 : null);
  return { p50: of(50), p99: of(99) };
}

function summarise(
  source: ReportSource,
  { ackLatencyUs, ...numbers }: LinkCounts,
  deals: DealCounts,
  unacked: number,
  startedAtMs: number,
) {
  return {
    cars: source.carIds.length,
    car_ids: source.carIds,
    ...numbers,
    unacked,
    ack_latency_ms: percentilesMs(ackLatencyUs),
    started_at_ms: startedAtMs,
    ended_at_ms: Date.now(),
    negotiation:
      source.negotiators.length === 0
        ? null
        : {
            requests: deals.requests,
            offers: deals.offers,
            counters: deals.counters,
            declined: deals.declined,
            waitlisted: deals.waitlisted,
            refused: deals.refused,
            invitations: deals.invitations,
            invitations_accepted: deals.invitationsAccepted,
            booked: deals.booked,
            moves_asked: deals.moves,
            lost: deals.lost,
            reconnects: deals.reconnects,
            booking_ids: [...deals.bookingIds],
            request_to_offers_ms: percentilesMs(deals.requestToOffersUs),
            accept_to_confirmed_ms: percentilesMs(deals.acceptToConfirmedUs),
          },
  };
}
