import { type Redis, type StandingSlot, type StationMap, stationMap } from "@greenlane/redis";
import type { Runtime } from "@greenlane/runtime";
import { type Booking, type Database, type Station, standingBookings } from "@greenlane/timescale";
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

  /** Looks once. @throws SlotsUnavailable, or what the database throws */
  async run(): Promise<void> {
    const stations = [...this.#directory.all];
    const stationIds = stations.map(({ stationId }) => stationId);
    await this.#book.expire(stationIds);
    await this.#placeWhereLost(stations);
    // Redis first: what it has as booked then was committed before, so that the database has it, or it is over.
    const slots = await this.#book.read(stationIds);
    const bookings = Map.groupBy(await standingBookings(this.#database), ({ stationId }) => stationId);
    const nowMs = this.#runtime.clock.nowMs();
    const found = stationIds.map((stationId, n) =>
      compare(stationId, slots[n] ?? [], bookings.get(stationId) ?? [], nowMs),
    );
    await this.#mend(
      found.flatMap(({ missing }) => missing),
      found.flatMap(({ leaked }) => leaked),
    );
  }

  /** Mends what the last look has found, too. */
  async #mend(missing: readonly Booking[], leaked: readonly LeakedSlot[]): Promise<void> {
    const before = this.#suspects;
    this.#suspects = new Set([...missing.map(missingKey), ...leaked.map(leakedKey)]);
    const toConfirm = missing.filter((booking) => before.has(missingKey(booking)));
    const toRelease = leaked.filter((slot) => before.has(leakedKey(slot)));
    if (toConfirm.length === 0 && toRelease.length === 0) return;
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

const missingKey = ({ bookingId, stationId, connectorId, startMs, endMs }: Booking) =>
  ["missing", bookingId, stationId, connectorId, startMs, endMs].join("\n");
const leakedKey = ({ bookingId, stationId }: LeakedSlot) => ["leaked", bookingId, stationId].join("\n");

/** A slot whose time is over is no difference: it is removed, not put back. */
function compare(
  stationId: string,
  slots: readonly StandingSlot[],
  bookings: readonly Booking[],
  nowMs: number,
): { missing: Booking[]; leaked: LeakedSlot[] } {
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
