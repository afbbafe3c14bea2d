import { stationSlotsKey } from "@greenlane/contracts";
import type { Cluster, Redis } from "ioredis";
import { COMPLETE_FIELD, SlotReader } from "./slotReader.ts";
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

/** A slot and the id that has it, or wants it. */
export interface OwnedSlot {
  /** The id of the hold, or of the booking. */
  id: string;
  slot: Slot;
}

/** A slot that is wanted for a while. */
export interface WantedHold extends OwnedSlot {
  /** The id whose slot this one is to replace: it stays for now, and is no obstacle to this hold. */
  replaces?: string | undefined;
}

/** What Redis decides fast: who has which connector when. Every call is one atomic script, by Redis's own clock. */
export interface StationSlots {
  /**
   * Holds slots for `ttlMs`: where two of one call overlap, the first wins. The same id asking again for the same slot
   * has it for `ttlMs` from then on. @returns what became of each, in their order
   */
  hold(stationId: string, holds: WantedHold[], ttlMs: number): Promise<HoldOutcome[]>;
  /** Records what the database has committed, whatever was held before. */
  confirm(stationId: string, bookings: OwnedSlot[]): Promise<void>;
  /** Gives slots back. @returns how many of the ids had one */
  release(stationId: string, ids: string[]): Promise<number>;
  move(stationId: string, id: string, slot: Slot): Promise<MoveOutcome>;
  /** Removes what has run out. @returns the ids removed */
  expire(stationId: string): Promise<string[]>;
  /** Puts the bookings that the database has in place; from then on the station's slots are known. */
  rebuild(stationId: string, bookings: (Slot & { id: string })[]): Promise<void>;
  /** The slots of some stations, by station, each in the order of their start; undefined where they are not known. */
  read(stationIds: readonly string[]): Promise<(readonly StandingSlot[] | undefined)[]>;
}

/** @throws RangeError for an id or a connector that would not come out of Redis as it went in */
export function stationSlots(redis: Redis | Cluster): StationSlots {
  defineSlotScripts(redis);
  const reader = new SlotReader(redis);
  const args = (id: string, { connectorId, startMs, endMs }: Slot): [string, string, number, number] => {
    if (id === COMPLETE_FIELD || id === "") throw new RangeError(`a slot's id must not be "${id}"`);
    if (!(startMs >= 0 && startMs < endMs))
      throw new RangeError(`a slot must end after it starts: ${startMs}, ${endMs}`);
    return [id, connectorId, startMs, endMs];
  };
  return {
    async hold(stationId, holds, ttlMs) {
      if (holds.length === 0) return [];
      const wanted = holds.flatMap(({ id, slot, replaces }) => [...args(id, slot), replaces ?? ""]);
      const answer = await redis.holdSlots(stationSlotsKey(stationId), ttlMs, ...wanted);
      return holds.map((_, n) => asHoldOutcome(answer[2 * n], answer[2 * n + 1]));
    },
    async confirm(stationId, bookings) {
      if (bookings.length === 0) return;
      await redis.confirmSlots(stationSlotsKey(stationId), ...bookings.flatMap(({ id, slot }) => args(id, slot)));
    },
    async release(stationId, ids) {
      return ids.length === 0 ? 0 : redis.releaseSlots(stationSlotsKey(stationId), ...withoutMark(ids));
    },
    async move(stationId, id, slot) {
      const [kind, atMs] = await redis.moveSlot(stationSlotsKey(stationId), ...args(id, slot));
      return kind === "taken" ? { kind, freeFromMs: atMs } : { kind };
    },
    expire: (stationId) => redis.expireSlots(stationSlotsKey(stationId)),
    async rebuild(stationId, bookings) {
      await redis.rebuildSlots(stationSlotsKey(stationId), ...bookings.flatMap((booking) => args(booking.id, booking)));
    },
    read: (stationIds) => reader.read(stationIds),
  };
}

/** The mark that a station's slots are known is no slot, and stays. */
const withoutMark = (ids: string[]) => ids.filter((id) => id !== COMPLETE_FIELD);

/** @throws TypeError for what holdSlots does not say */
function asHoldOutcome(kind: string | number | undefined, ms: string | number | undefined): HoldOutcome {
  if (kind === "held") return { kind, heldUntilMs: Number(ms) };
  if (kind === "taken") return { kind, freeFromMs: Number(ms) };
  if (kind === "other" || kind === "unknown") return { kind };
  throw new TypeError(`holdSlots answered ${kind}`);
}
