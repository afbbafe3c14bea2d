import { carStates, type Leases, type Redis } from "@greenlane/redis";
import { pause, type Runtime } from "@greenlane/runtime";
import {
  type Booking,
  bookingsOnOutOfOrder,
  checkIn,
  type Database,
  expireNoShows,
  type Fence,
  isTransient,
  lateBookings,
} from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import { holdLease } from "./holdLease.ts";
import type { Overstays } from "./overstays.ts";
import type { Relocations } from "./relocations.ts";
import type { SlotAudit } from "./slotAudit.ts";
import { type SlotBook, SlotsUnavailable } from "./slotBook.ts";

export interface KeeperParts {
  database: Database;
  redis: Redis;
  leases: Leases;
  book: SlotBook;
  audit: SlotAudit;
  overstays: Overstays;
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
/** Late bookings that are looked at in one round. */
const LATE_AT_ONCE = 1_000;
/** Bookings that are renegotiated in one round. */
const STRANDED_AT_ONCE = 500;

/**
 * Keeps bookings in order, in one process at a time: no-shows, connectors out of order or kept by a car that stays, Redis
 * against the database.
 */
export function startKeeper(
  { database, redis, leases, book, audit, overstays, relocations, metrics }: KeeperParts,
  { holder, leaseMs, arrivalWindowMs, auditEveryMs }: KeeperOptions,
  runtime: Runtime,
): AsyncDisposable {
  /**
   * Takes their slots from those that have not come in time. The log that says who came may be read late; so the cars'
   * last reports in Redis are asked, too, and while Redis is away nobody loses a slot. Who is not known there, as after a
   * flush, came only if the log has been read.
   */
  async function expire(fence: Fence): Promise<void> {
    const late = await lateBookings(database, arrivalWindowMs, LATE_AT_ONCE);
    if (late.length === 0) return;
    const { fulfilled } = await checkIn(database, await pluggedIn(late));
    metrics.changes.inc({ change: "fulfilled" }, fulfilled.length);
    const bookingIds = late.map(({ bookingId }) => bookingId);
    const missed = await expireNoShows(database, bookingIds, arrivalWindowMs, fence);
    metrics.changes.inc({ change: "no_show" }, missed.length);
    await book.release(missed);
  }

  /** Those whose cars were in the booked session when they reported last. @throws SlotsUnavailable */
  async function pluggedIn(bookings: readonly Booking[]) {
    const carIds = bookings.map(({ carId }) => carId);
    const reports = await carStates(redis, carIds).catch((cause: unknown) => {
      throw new SlotsUnavailable("cars' last reports cannot be read", { cause });
    });
    return bookings.flatMap(({ bookingId, carId }, n) => {
      const report = reports[n];
      if (report?.sessionId !== bookingId) return [];
      return [{ bookingId, carId, stationId: report.chargingStationId, atMs: report.timestampMs }];
    });
  }

  async function round(fence: Fence): Promise<void> {
    await expire(fence);
    const stranded = await bookingsOnOutOfOrder(database, STRANDED_AT_ONCE);
    if (stranded.length > 0) await relocations.relocate(stranded, "its connector is out of order", fence);
    await overstays.settle(fence);
  }

  /** @returns whether it was done; what is away will be back */
  async function isDone(work: Promise<void>): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (err) {
      if (!isTransient(err) && !(err instanceof SlotsUnavailable)) throw err;
      runtime.logger.warn({ err }, "bookings could not be kept in order; trying on");
      return false;
    }
  }

  async function goRound(fence: Fence, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await isDone(round(fence));
      await pause(ROUND_MS, signal);
    }
  }

  async function goAuditing(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await pause((await isDone(audit.run(signal))) ? auditEveryMs : ROUND_MS, signal);
  }

  /** An audit of many stations takes long: it goes on beside the rounds, and ends with them. */
  async function keep(fence: Fence, signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const both = AbortSignal.any([signal, ending.signal]);
    const kept = [goRound(fence, both), goAuditing(both)].map((work) => work.finally(() => ending.abort()));
    for (const outcome of await Promise.allSettled(kept)) if (outcome.status === "rejected") throw outcome.reason;
  }

  return holdLease({ leases, database, name: "bookings", holder, ttlMs: leaseMs }, keep, runtime);
}
