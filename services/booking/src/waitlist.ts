import type { Negotiation } from "./negotiation.ts";

/** Cars that no slot suits now, in the order in which they asked. */
export class Waitlist {
  readonly #line: Negotiation[] = [];
  /** Of the one that was taken last by `takeNext`. */
  #lastTurn = 0;

  get size(): number {
    return this.#line.length;
  }

  /** Takes a car in. @returns its place in the line, 1: next */
  add(negotiation: Negotiation): number {
    let place = this.#line.length;
    while (place > 0 && (this.#line[place - 1]?.turn ?? 0) > negotiation.turn) place--;
    this.#line.splice(place, 0, negotiation);
    return place + 1;
  }

  placeOf(negotiation: Negotiation): number {
    return this.#line.indexOf(negotiation) + 1;
  }

  /** Takes so many out from the front. */
  takeOldest(count: number): Negotiation[] {
    return this.#line.splice(0, count);
  }

  /** Takes so many out from where it was left last, so that in time each has its turn. */
  takeNext(count: number): Negotiation[] {
    const from = this.#line.findIndex(({ turn }) => turn > this.#lastTurn);
    const taken = this.#line.splice(Math.max(0, from), count);
    this.#lastTurn = taken.at(-1)?.turn ?? 0;
    return taken;
  }

  /** Takes out those that wanted to be charged before a moment, Unix ms. */
  takeLate(atMs: number): Negotiation[] {
    const late = this.#line.filter(({ request }) => request.latestMs <= atMs);
    for (const negotiation of late) this.remove(negotiation);
    return late;
  }

  remove(negotiation: Negotiation): void {
    const at = this.#line.indexOf(negotiation);
    if (at >= 0) this.#line.splice(at, 1);
  }
}
