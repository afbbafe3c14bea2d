import type { Runtime } from "@greenlane/runtime";
import type { StandingOffer } from "./negotiation.ts";
import type { SlotBook } from "./slotBook.ts";

/** How often in a hold's time those that are kept are looked at. */
const LOOKS = 5;

/**
 * Keeps the slots of accepted offers held for as long as the database takes to decide on them: however long the others
 * are that are to be committed before, nobody else is offered the slot meanwhile.
 */
export class KeptHolds implements Disposable {
  readonly #book: SlotBook;
  readonly #holdMs: number;
  readonly #runtime: Runtime;
  readonly #lookMs: number;
  readonly #looking: NodeJS.Timeout;
  /** When the hold of each offer ends if nobody prolongs it, Unix ms. */
  readonly #untilMs = new Map<StandingOffer, number>();

  constructor(book: SlotBook, holdMs: number, runtime: Runtime) {
    this.#book = book;
    this.#holdMs = holdMs;
    this.#runtime = runtime;
    this.#lookMs = holdMs / LOOKS;
    this.#looking = setInterval(() => this.#look(), this.#lookMs);
  }

  /** Keeps an offer's slot held until it is let go. @returns false when somebody else has it */
  async keep(offer: StandingOffer): Promise<boolean> {
    if (!offer.holds || this.#endsSoon(offer.expiresAtMs)) return this.#hold(offer);
    this.#untilMs.set(offer, offer.expiresAtMs);
    return true;
  }

  letGo(offer: StandingOffer): void {
    this.#untilMs.delete(offer);
  }

  /** Before it is looked at again, and then some: a look may be late. */
  #endsSoon(untilMs: number): boolean {
    return untilMs - this.#runtime.clock.nowMs() <= 2 * this.#lookMs;
  }

  #look(): void {
    for (const [offer, untilMs] of this.#untilMs) if (this.#endsSoon(untilMs)) void this.#hold(offer);
  }

  /** Holds it from now on. When Redis does not say, the slot is as it was, and the database decides. */
  async #hold(offer: StandingOffer): Promise<boolean> {
    const { offerId: id, option } = offer;
    const { stationId, connectorId } = option.connector;
    const slot = { connectorId, startMs: option.startMs, endMs: option.endMs };
    const untilMs = this.#runtime.clock.nowMs() + this.#holdMs;
    this.#untilMs.set(offer, untilMs);
    try {
      offer.holds = await this.#book.hold(stationId, { id, slot }, this.#holdMs);
    } catch (err) {
      this.#runtime.logger.warn({ err, stationId }, "Redis did not hold a slot");
    }
    return offer.holds;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
  }
}
