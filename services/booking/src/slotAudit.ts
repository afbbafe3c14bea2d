import { setImmediate as nextTurn } from "node:timers/promises";
import { type Redis, type StandingSlot, type StationMap, stationMap } from "@greenlane/redis";
import type { Runtime } from "@greenlane/runtime";
import { type Database, type KeptSlot, keptSlots, type Station } from "@greenlane/timescale";
import type { BookingMetrics } from "./bookingMetrics.ts";
import { type SlotBook, SlotsUnavailable } from "./slotBook.ts";
import type { StationDirectory } from "./stationDirectory.ts";

export interface AuditParts {
  database: Database;
  redis: Redis;
  directory: StationDirectory;
  book: SlotBook;
  metrics: BookingMetrics;
}

/** Of which Redis is asked together: of all at once the answer would hold everybody up. */
const STATIONS_AT_ONCE = 10;

/**
 * Compares what Redis has of slots with what the database has, and mends Redis: the database decides. The two are not
 * read at the same moment, so one look may come between a commit and its record; what two looks in a row find is wrong.
 */
export class SlotAudit {
  readonly #database: Database;
  readonly #directory: StationDirectory;
  readonly #book: SlotBook;
  readonly #map: StationMap;
  readonly #metrics: BookingMetrics;
  readonly #runtime: Runtime;
  /** What the last look found. */
  #suspects = new Set<string>();

  constructor(parts: AuditParts, runtime: Runtime) {
    this.#database = parts.database;
    this.#directory = parts.directory;
    this.#book = parts.book;
    this.#map = stationMap(parts.redis);
    this.#metrics = parts.metrics;
    this.#runtime = runtime;
  }

  /** Looks once, unless the signal is aborted meanwhile. @throws SlotsUnavailable, or what the database throws */
  async run(signal?: AbortSignal): Promise<void> {
    const stations = [...this.#directory.all];
    await this.#placeWhereLost(stations);
    const slotsOf = new Map<string, readonly StandingSlot[]>();
    // Redis first: what it has as booked then was committed before, so that the database has it, or it is over.
    for (let at = 0; at < stations.length; at += STATIONS_AT_ONCE) {
      if (signal?.aborted) return;
      const stationIds = stations.slice(at, at + STATIONS_AT_ONCE).map(({ stationId }) => stationId);
      await this.#book.expire(stationIds);
      const slots = await this.#book.read(stationIds);
      stationIds.forEach((stationId, n) => void slotsOf.set(stationId, slots[n] ?? []));
    }
    const kept = await keptSlots(this.#database);
    const nowMs = this.#runtime.clock.nowMs();
    const missing: KeptSlot[] = [];
    const leaked: LeakedSlot[] = [];
    for (const [stationId, slots] of slotsOf) {
      const found = compare(stationId, slots, kept.get(stationId)?.() ?? [], nowMs);
      missing.push(...found.missing);
      leaked.push(...found.leaked);
      await nextTurn(); // cars that ask meanwhile do not wait for all stations
      if (signal?.aborted) return;
    }
    await this.#mend(missing, leaked);
  }

  /** Mends what the last look has found, too. */
  async #mend(missing: readonly KeptSlot[], leaked: readonly LeakedSlot[]): Promise<void> {
    const before = this.#suspects;
    this.#suspects = new Set([...missing.map(missingKey), ...leaked.map(leakedKey)]);
    const toConfirm = missing.filter((booking) => before.has(missingKey(booking)));
    const toRelease = leaked.filter((slot) => before.has(leakedKey(slot)));
    if (toConfirm.length > 0 || toRelease.length > 0) await this.#record(toConfirm, toRelease);
  }

  /** Puts into Redis what is missing there, and takes away what has leaked: what the database still says is so. */
  async #record(missing: readonly KeptSlot[], leaked: readonly LeakedSlot[]): Promise<void> {
    const stationIds = [...new Set([...missing, ...leaked].map(({ stationId }) => stationId))];
    const kept = await keptSlots(this.#database, stationIds);
    const nowMs = this.#runtime.clock.nowMs();
    const standing = stationIds.flatMap((stationId) => kept.get(stationId)?.() ?? []);
    const keys = new Set(standing.map(missingKey));
    const ids = new Set(standing.map(({ bookingId }) => bookingId));
    const toConfirm = missing.filter((slot) => slot.endMs > nowMs && keys.has(missingKey(slot)));
    const toRelease = leaked.filter(({ bookingId }) => !ids.has(bookingId));
    await this.#book.confirm(toConfirm);
    await this.#book.release(toRelease);
    this.#metrics.audited.inc({ mended: "missing" }, toConfirm.length);
    this.#metrics.audited.inc({ mended: "leaked" }, toRelease.length);
    this.#runtime.logger.warn({ missing: toConfirm.length, leaked: toRelease.length }, "mended slots in Redis");
  }

  /** Puts the stations on the map when Redis has none there, as after a flush. */
  async #placeWhereLost(stations: Station[]): Promise<void> {
    try {
      if (stations.length > 0 && (await this.#map.size()) === 0) await this.#map.place(stations);
    } catch (cause) {
      throw new SlotsUnavailable("the stations cannot be put on the map", { cause });
    }
  }
}

interface LeakedSlot {
  bookingId: string;
  stationId: string;
}

const missingKey = ({ bookingId, stationId, connectorId, startMs, endMs }: KeptSlot) =>
  ["missing", bookingId, stationId, connectorId, startMs, endMs].join("\n");
const leakedKey = ({ bookingId, stationId }: LeakedSlot) => ["leaked", bookingId, stationId].join("\n");

/** A slot whose time is over is no difference: it is removed, not put back. */
function compare(
  stationId: string,
  slots: readonly StandingSlot[],
  bookings: readonly KeptSlot[],
  nowMs: number,
): { missing: KeptSlot[]; leaked: LeakedSlot[] } {
  const standing = new Set(bookings.map(({ bookingId }) => bookingId));
  const booked = new Map(slots.filter(({ heldUntilMs }) => heldUntilMs === undefined).map((slot) => [slot.id, slot]));
  const missing = bookings.filter(({ bookingId, connectorId, startMs, endMs }) => {
    const slot = booked.get(bookingId);
    const isThere = slot?.connectorId === connectorId && slot.startMs === startMs && slot.endMs === endMs;
    return endMs > nowMs && !isThere;
  });
  const leaked = [...booked.values()].filter(({ id, endMs }) => endMs > nowMs && !standing.has(id));
  return { missing, leaked: leaked.map(({ id }) => ({ bookingId: id, stationId })) };
}
