import type { Leases } from "@greenlane/redis";
import { pause, type Runtime } from "@greenlane/runtime";
import { bookingsOnOutOfOrder, type Database, expireNoShows, type Fence, isTransient } from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import { holdLease } from "./holdLease.ts";
import type { Relocations } from "./relocations.ts";
import type { SlotAudit } from "./slotAudit.ts";
import type { SlotBook } from "./slotBook.ts";

export interface KeeperParts {
  database: Database;
  leases: Leases;
  book: SlotBook;
  audit: SlotAudit;
  relocations: Relocations;
  metrics: BookingMetrics;
}

export interface KeeperOptions {
  holder: string;
  leaseMs: number;
  arrivalWindowMs: number;
  auditEveryMs: number;
}

const ROUND_MS = 500;

/** Keeps bookings in order, in one process at a time: no-shows, connectors out of order, Redis against the database. */
export function startKeeper(
  { database, leases, book, audit, relocations, metrics }: KeeperParts,
  { holder, leaseMs, arrivalWindowMs, auditEveryMs }: KeeperOptions,
  runtime: Runtime,
): AsyncDisposable {
  async function round(fence: Fence): Promise<void> {
    const missed = await expireNoShows(database, arrivalWindowMs, fence);
    metrics.changes.inc({ change: "no_show" }, missed.length);
    await book.release(missed);
    const stranded = await bookingsOnOutOfOrder(database);
    if (stranded.length > 0) await relocations.relocate(stranded, "its connector is out of order", fence);
  }

  async function keep(fence: Fence, signal: AbortSignal): Promise<void> {
    let auditedAtMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      try {
        await round(fence);
        if (performance.now() - auditedAtMs >= auditEveryMs) {
          await audit.run();
          auditedAtMs = performance.now();
        }
      } catch (err) {
        if (!isTransient(err) && !audit.isUnavailable(err)) throw err;
        runtime.logger.warn({ err }, "bookings could not be kept in order; trying on");
      }
      await pause(ROUND_MS, signal);
    }
  }

  return holdLease({ leases, database, name: "bookings", holder, ttlMs: leaseMs }, keep, runtime);
}
