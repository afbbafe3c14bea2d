import { randomUUID } from "node:crypto";
import type { ChargeOption, ChargeRequest } from "@greenlane/domain";
import type { Clock } from "@greenlane/runtime";
import type { Engine, Invitation } from "./engine.ts";
import type { Party } from "./parties.ts";
import type { SlotBook } from "./slotBook.ts";

/** Offers slots that nobody asked for. */
export class UnaskedOffers {
  readonly #book: SlotBook;
  readonly #engine: Engine;
  readonly #holdMs: number;
  readonly #clock: Clock;

  constructor({ book, engine }: { book: SlotBook; engine: Engine }, holdMs: number, clock: Clock) {
    this.#book = book;
    this.#engine = engine;
    this.#holdMs = holdMs;
    this.#clock = clock;
  }

  /**
   * Holds a slot and offers it to a car, which may be told why; it is free again when the car negotiates already.
   * @returns whether the slot was held @throws what Redis throws
   */
  async make(request: ChargeRequest, option: ChargeOption, party: Party, invitation: Invitation): Promise<boolean> {
    const { stationId, connectorId } = option.connector;
    const offerId = randomUUID();
    const slot = { connectorId, startMs: option.startMs, endMs: option.endMs };
    // Counted from before it is held: no offer outlives its hold.
    const expiresAtMs = this.#clock.nowMs() + this.#holdMs;
    if (!(await this.#book.hold(stationId, { id: offerId, slot }, this.#holdMs))) return false;
    if (!this.#engine.invite(request, { offerId, option, holds: true, expiresAtMs }, party, invitation))
      await this.#book.release([{ bookingId: offerId, stationId }]);
    return true;
  }
}
