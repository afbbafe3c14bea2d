import { ConnectorCalendar } from "@greenlane/domain";
import type { StandingSlot, StationSlots, WantedHold } from "@greenlane/redis";
import type { Runtime } from "@greenlane/runtime";
import { type Database, type KeptSlot, keptSlots } from "@greenlane/timescale";

/** The slots of some stations cannot be had now: Redis or the database is away. */
export class SlotsUnavailable extends Error {
  override name = "SlotsUnavailable";
}

/** By how much this process's clock may be ahead of Redis's, by which holds end. */
const CLOCK_SKEW_MS = 2_000;

export const slotOf = ({ bookingId, connectorId, startMs, endMs }: KeptSlot) => ({
  id: bookingId,
  slot: { connectorId, startMs, endMs },
});

/** Who has which connector when: what Redis has, and, where it has lost it, what the database has. */
export class SlotBook {
  readonly slots: StationSlots;
  readonly #database: Database;
  readonly #runtime: Runtime;

  constructor(slots: StationSlots, database: Database, runtime: Runtime) {
    this.slots = slots;
    this.#database = database;
    this.#runtime = runtime;
  }

  /**
   * The slots of stations, in their order. What Redis does not know is rebuilt from the database first.
   * @throws SlotsUnavailable
   */
  async read(stationIds: string[]): Promise<(readonly StandingSlot[])[]> {
    try {
      let found = await this.slots.read(stationIds);
      const unknown = stationIds.filter((_, n) => found[n] === undefined);
      if (unknown.length > 0) {
        await this.rebuild(unknown);
        found = await this.slots.read(stationIds);
      }
      return found.map((slots, n) => {
        if (slots === undefined) throw new Error(`the slots of ${stationIds[n]} are lost again`);
        return slots;
      });
    } catch (cause) {
      throw new SlotsUnavailable("the slots cannot be read", { cause });
    }
  }

  /** Holds one slot for a while. @returns whether it is held @throws what Redis throws */
  async hold(stationId: string, wanted: WantedHold, ttlMs: number): Promise<boolean> {
    const [outcome] = await this.slots.hold(stationId, [wanted], ttlMs);
    return outcome?.kind === "held";
  }

  /** Puts into Redis what the database has of stations. */
  async rebuild(stationIds: string[]): Promise<void> {
    const kept = await keptSlots(this.#database, stationIds);
    await Promise.all(
      stationIds.map((stationId) => {
        const own = (kept.get(stationId)?.() ?? []).map((booking) => {
          const { id, slot } = slotOf(booking);
          return { id, ...slot };
        });
        return this.slots.rebuild(stationId, own);
      }),
    );
    this.#runtime.logger.info({ stations: stationIds.length }, "rebuilt the slots of stations from the database");
  }

  /** Removes from Redis what has run out at stations. @throws SlotsUnavailable */
  async expire(stationIds: string[]): Promise<void> {
    try {
      await Promise.all(stationIds.map((stationId) => this.slots.expire(stationId)));
    } catch (cause) {
      throw new SlotsUnavailable("what has run out cannot be removed", { cause });
    }
  }

  /** Gives back the slots of bookings that are over. What fails is found by the audit. */
  async release(bookings: readonly { bookingId: string; stationId: string }[]): Promise<void> {
    const byStation = Map.groupBy(bookings, ({ stationId }) => stationId);
    await this.#quietly(
      [...byStation].map(([stationId, own]) =>
        this.slots.release(
          stationId,
          own.map(({ bookingId }) => bookingId),
        ),
      ),
    );
  }

  /** Records bookings that the database has committed. What fails is found by the audit. */
  async confirm(bookings: readonly KeptSlot[]): Promise<void> {
    const byStation = Map.groupBy(bookings, ({ stationId }) => stationId);
    await this.#quietly([...byStation].map(([stationId, own]) => this.slots.confirm(stationId, own.map(slotOf))));
  }

  async #quietly(work: Promise<unknown>[]): Promise<void> {
    const failed = (await Promise.allSettled(work)).filter(({ status }) => status === "rejected");
    if (failed.length > 0) this.#runtime.logger.warn({ stations: failed.length }, "Redis did not record slots");
  }
}

/** The calendars of connectors, by id, from slots that stand at a moment (Unix ms). */
export function calendarsOf(
  connectorIds: Iterable<string>,
  slots: readonly StandingSlot[],
  nowMs: number,
  except: ReadonlySet<string> = new Set(),
): Map<string, ConnectorCalendar> {
  const calendars = new Map([...connectorIds].map((connectorId) => [connectorId, new ConnectorCalendar()]));
  // Bookings first: what overlaps them can only be a hold whose time is over, or will be refused.
  const standing = slots.filter(({ heldUntilMs }) => heldUntilMs === undefined);
  const held = slots.filter(({ heldUntilMs }) => heldUntilMs !== undefined && heldUntilMs > nowMs - CLOCK_SKEW_MS);
  for (const slot of [...standing, ...held]) {
    const calendar = calendars.get(slot.connectorId);
    if (slot.endMs > nowMs && !except.has(slot.id) && calendar?.isFree(slot)) calendar.insert(slot);
  }
  return calendars;
}
