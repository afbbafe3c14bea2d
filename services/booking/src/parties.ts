import type { BookingEvent, EngineMessage__Output } from "@greenlane/contracts";

/** Who is told what becomes of a car's negotiations: a stream, or a call that waits for one answer. */
export interface Party {
  /** What is told after that is not heard. */
  readonly isOver: boolean;
  /** Whether it writes down by itself what is refused to it. */
  readonly keepsRefusals?: boolean;
  tell(message: EngineMessage__Output): void;
}

interface Listener {
  party: Party;
  /** Of the car's booking that it was told of last. */
  bookingId: string;
  version: number;
}

/** Where each car spoke last: what concerns it is said there. */
export class Parties {
  readonly #listeners = new Map<string, Listener>();

  get size(): number {
    return this.#listeners.size;
  }

  /** The car speaks here now. @returns whether it did not before: what it was told elsewhere it may not have heard */
  join(carId: string, party: Party): boolean {
    if (this.#listeners.get(carId)?.party === party) return false;
    this.#listeners.set(carId, { party, bookingId: "", version: 0 });
    return true;
  }

  /** A stream is over: these cars that spoke last on it cannot be reached any more. */
  leave(carIds: Iterable<string>, party: Party): void {
    for (const carId of carIds) if (this.#listeners.get(carId)?.party === party) this.#listeners.delete(carId);
  }

  of(carId: string): Party | undefined {
    return this.#listeners.get(carId)?.party;
  }

  /** Whether this is news to a car that has heard of no other booking since it came. */
  isMissed(change: Pick<BookingEvent, "car_id" | "booking_id" | "version">): boolean {
    const told = this.#listeners.get(change.car_id)?.bookingId;
    return (told === "" || told === change.booking_id) && this.isNews(change);
  }

  /**
   * Whether this is news to the car: a change is told once, whether it was made here or elsewhere.
   * What is asked is told in any case.
   */
  isNews({ car_id, booking_id, version }: Pick<BookingEvent, "car_id" | "booking_id" | "version">): boolean {
    const listener = this.#listeners.get(car_id);
    if (listener === undefined || (listener.bookingId === booking_id && version <= listener.version)) return false;
    listener.bookingId = booking_id;
    listener.version = version;
    return true;
  }
}
