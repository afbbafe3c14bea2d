import { stationSlotsKey } from "@greenlane/contracts";
import type { Redis } from "ioredis";
import { defineSlotScripts } from "./slotScripts.ts";

/** A connector's time from start until just before the end, Unix ms. */
export interface Slot {
  connectorId: string;
  startMs: number;
  endMs: number;
}

/** A slot that is held or booked, as Redis has it. */
export interface StandingSlot extends Slot {
  /** The id of the hold, or of the booking. */
  id: string;
  /** When the hold runs out, Unix ms by Redis's clock; undefined for a booking. */
  heldUntilMs: number | undefined;
}

export type HoldOutcome =
  | { kind: "held"; heldUntilMs: number }
  /** It overlaps another's, the last of which ends at `freeFromMs`. */
  | { kind: "taken"; freeFromMs: number }
  /** The id has another slot already. */
  | { kind: "other" }
  /** Redis does not know the station's slots: they are to be rebuilt from the database first. */
  | { kind: "unknown" };

export type MoveOutcome =
  | { kind: "moved" }
  | { kind: "taken"; freeFromMs: number }
  | { kind: "gone" }
  | { kind: "unknown" };

/** What Redis decides fast: who has which connector when. Every call is one atomic script, by Redis's own clock. */
export interface StationSlots {
  /** Holds a slot for `ttlMs`. The same id asking again for the same slot gets the same answer. */
  hold(stationId: string, id: string, slot: Slot, ttlMs: number): Promise<HoldOutcome>;
  /** Records what the database has committed. */
  confirm(stationId: string, id: string, slot: Slot): Promise<void>;
  /** Gives a slot back. @returns whether there was one */
  release(stationId: string, id: string): Promise<boolean>;
  move(stationId: string, id: string, slot: Slot): Promise<MoveOutcome>;
  /** Removes what has run out. @returns the ids removed */
  expire(stationId: string): Promise<string[]>;
  /** Puts the bookings that the database has in place; from then on the station's slots are known. */
  rebuild(stationId: string, bookings: (Slot & { id: string })[]): Promise<void>;
  /** The slots of some stations, by station, each in the order of their start; undefined where they are not known. */
  read(stationIds: string[]): Promise<(StandingSlot[] | undefined)[]>;
}

const COMPLETE_FIELD = "@";

/** @throws RangeError for an id or a connector that would not come out of Redis as it went in */
export function stationSlots(redis: Redis): StationSlots {
  defineSlotScripts(redis);
  const args = (id: string, { connectorId, startMs, endMs }: Slot): [string, string, number, number] => {
    if (id === COMPLETE_FIELD || id === "") throw new RangeError(`a slot's id must not be "${id}"`);
    if (!(startMs >= 0 && startMs < endMs))
      throw new RangeError(`a slot must end after it starts: ${startMs}, ${endMs}`);
    return [id, connectorId, startMs, endMs];
  };
  return {
    async hold(stationId, id, slot, ttlMs) {
      const [kind, atMs] = await redis.holdSlot(stationSlotsKey(stationId), ...args(id, slot), ttlMs);
      if (kind === "held") return { kind, heldUntilMs: atMs };
      return kind === "taken" ? { kind, freeFromMs: atMs } : { kind };
    },
    async confirm(stationId, id, slot) {
      await redis.confirmSlot(stationSlotsKey(stationId), ...args(id, slot));
    },
    release: async (stationId, id) => (await redis.releaseSlot(stationSlotsKey(stationId), id)) === 1,
    async move(stationId, id, slot) {
      const [kind, atMs] = await redis.moveSlot(stationSlotsKey(stationId), ...args(id, slot));
      return kind === "taken" ? { kind, freeFromMs: atMs } : { kind };
    },
    expire: (stationId) => redis.expireSlots(stationSlotsKey(stationId)),
    async rebuild(stationId, bookings) {
      await redis.rebuildSlots(stationSlotsKey(stationId), ...bookings.flatMap((booking) => args(booking.id, booking)));
    },
    async read(stationIds) {
      const hashes = await Promise.all(stationIds.map((stationId) => redis.hgetall(stationSlotsKey(stationId))));
      return hashes.map(parseSlots);
    },
  };
}

function parseSlots(hash: Record<string, string>): StandingSlot[] | undefined {
  if (!(COMPLETE_FIELD in hash)) return undefined;
  return Object.entries(hash)
    .filter(([id]) => id !== COMPLETE_FIELD)
    .map(([id, value]) => {
      const parts = value.split("|");
      const [startMs = 0, endMs = 0, deadlineMs = 0] = parts.slice(-3).map(Number);
      const connectorId = parts.slice(0, -3).join("|");
      return { id, connectorId, startMs, endMs, heldUntilMs: deadlineMs === 0 ? undefined : deadlineMs };
    })
    .sort((a, b) => a.startMs - b.startMs);
}
