import type { Runtime } from "@greenlane/runtime";
import type { MoveBookingOutcome, NewBooking } from "@greenlane/timescale";
import type { Confirmations, Confirmed } from "./confirmations.ts";
import type { KeptHolds } from "./keptHolds.ts";
import type { Negotiation, StandingOffer } from "./negotiation.ts";
import type { Relocations } from "./relocations.ts";
import type { SlotBook } from "./slotBook.ts";
import type { StationDirectory } from "./stationDirectory.ts";
import type { Unbooked } from "./unbooked.ts";

export interface AcceptanceParts {
  book: SlotBook;
  directory: StationDirectory;
  holds: KeptHolds;
  confirmations: Confirmations;
  relocations: Relocations;
  unbooked: Unbooked;
}

export type Decision = Confirmed | MoveBookingOutcome;

/** Has the database decide on offers that were accepted. */
export class Acceptance {
  readonly #parts: AcceptanceParts;
  readonly #runtime: Runtime;

  constructor(parts: AcceptanceParts, runtime: Runtime) {
    this.#parts = parts;
    this.#runtime = runtime;
  }

  /** Makes an offer a booking, or the better slot of the one that the car has. What else was held is released. */
  async decide(negotiation: Negotiation, offers: readonly StandingOffer[], offer: StandingOffer): Promise<Decision> {
    const { holds } = this.#parts;
    let decision: Decision = { kind: "taken" };
    try {
      if (await holds.keep(offer)) decision = await this.#book(negotiation, offer);
    } finally {
      holds.letGo(offer);
    }
    const isBooked = decision.kind === "confirmed" || decision.kind === "moved";
    this.release(isBooked ? offers.filter((other) => other !== offer) : offers);
    return decision;
  }

  /** The database has what Redis has not, or other connectors than this process knows: they are read anew. */
  async lookAgain(stationId: string): Promise<void> {
    const { book, directory } = this.#parts;
    const failed = (await Promise.allSettled([book.rebuild([stationId]), directory.refresh()])).filter(
      ({ status }) => status === "rejected",
    );
    if (failed.length > 0) this.#runtime.logger.warn({ stationId }, "a station's slots could not be read anew");
  }

  release(offers: readonly StandingOffer[]): void {
    const held = offers.filter(({ holds }) => holds);
    if (held.length === 0) return;
    const slots = held.map(({ offerId, option }) => ({ bookingId: offerId, stationId: option.connector.stationId }));
    void this.#parts.book.release(slots);
  }

  async #book({ request, digest, replaces }: Negotiation, offer: StandingOffer): Promise<Decision> {
    const { option, offerId } = offer;
    const { stationId, connectorId } = option.connector;
    const slot = { connectorId, startMs: option.startMs, endMs: option.endMs };
    if (replaces !== undefined) {
      return this.#parts.relocations
        .moveTo(replaces, option, offerId, "a sooner slot had become free")
        .catch((err: unknown) => {
          this.#runtime.logger.warn({ err }, "a booking could not be moved");
          return { kind: "unknown" };
        });
    }
    const booking: NewBooking = {
      bookingId: offerId,
      requestId: request.requestId,
      carId: request.carId,
      stationId,
      ...slot,
      kwh: option.kwh,
      pricePerKwh: option.pricePerKwh,
      request,
      requestDigest: digest,
    };
    const confirmed = await this.#parts.confirmations.confirm(booking);
    if (confirmed.kind === "unknown") this.#parts.unbooked.fail(booking, "the database did not decide in time");
    return confirmed;
  }
}
