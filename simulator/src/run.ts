import { writeFileSync } from "node:fs";
import { createHistogram } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { loadFleetPackage } from "@greenlane/contracts";
import { credentials } from "@grpc/grpc-js";
import { CarLink, type LinkCounts } from "./carLink.ts";
import { startFleetAdmin } from "./fleetAdmin.ts";
import type { ReportSource } from "./reportSource.ts";

export interface RunOptions {
  target: string;
  token: string;
  connections: number;
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
 * Sends a source's reports, each car on a stream of its own, until the time is over; then waits for the last acks.
 * @returns how many reports were never acked
 */
export async function runFleet(source: ReportSource, options: RunOptions): Promise<number> {
  const counts: LinkCounts = {
    sent: 0,
    acked: 0,
    rejected: 0,
    resent: 0,
    reconnects: 0,
    ackLatencyUs: createHistogram(),
  };
  const { FleetService } = loadFleetPackage();
  const clients = Array.from(
    { length: options.connections },
    () => new FleetService(options.target, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 }),
  );
  const troubles = new Set<string>();
  const onTrouble = (message: string) => {
    const kind = message.replaceAll(/\d+/g, "n");
    if (!troubles.has(kind) && troubles.size < 50) options.say(message);
    troubles.add(kind);
  };
  const links = new Map(
    source.carIds.map((carId, n) => {
      const client = clients[n % clients.length];
      if (client === undefined) throw new Error("no connection");
      return [carId, new CarLink((metadata) => client.StreamTelemetry(metadata), options.token, counts, onTrouble)];
    }),
  );
  const startedAtMs = Date.now();
  const unacked = () => [...links.values()].reduce((sum, link) => sum + link.unacked, 0);
  await using _admin = options.admin && (await startFleetAdmin(options.admin, { cars: links.size, counts, unacked }));
  const progress = setInterval(() => {
    const seconds = (Date.now() - startedAtMs) / 1000;
    const waiting = [...links.values()].filter((link) => !link.hasRoom()).length;
    options.say(
      `cars ${links.size} | ${(counts.sent / seconds).toFixed(0)} events/s | sent ${counts.sent} | acked ${counts.acked} | unacked ${unacked()} | waiting cars ${waiting} | reconnects ${counts.reconnects}`,
    );
  }, PROGRESS_MS);
  const over = () =>
    options.signal.aborted ||
    source.exhausted() ||
    (options.durationS > 0 && Date.now() - startedAtMs >= options.durationS * 1000);
  while (!over()) {
    source.due(
      Date.now(),
      (carId) => links.get(carId)?.hasRoom() === true,
      (report) => links.get(report.carId)?.send(report),
    );
    await sleep(TICK_MS);
  }
  const deadlineMs = Date.now() + LAST_ACKS_MS;
  while (unacked() > 0 && Date.now() < deadlineMs) await sleep(TICK_MS);
  clearInterval(progress);
  const stillUnacked = unacked();
  for (const link of links.values()) link.close();
  for (const client of clients) client.close();
  const summary = summarise(source.carIds, counts, stillUnacked, startedAtMs);
  options.say(`sent ${summary.sent}, acked ${summary.acked}, rejected ${summary.rejected}, unacked ${summary.unacked}`);
  if (options.summaryJson !== undefined) writeFileSync(options.summaryJson, `${JSON.stringify(summary)}\n`);
  return stillUnacked;
}

function summarise(carIds: string[], counts: LinkCounts, unacked: number, startedAtMs: number) {
  const { ackLatencyUs, ...numbers } = counts;
  const percentileMs = (percent: number) => (ackLatencyUs.count > 0 ? ackLatencyUs.percentile(percent) / 1_000 : null);
  return {
    cars: carIds.length,
    car_ids: carIds,
    ...numbers,
    unacked,
    ack_latency_ms: { p50: percentileMs(50), p99: percentileMs(99) },
    started_at_ms: startedAtMs,
    ended_at_ms: Date.now(),
  };
}
