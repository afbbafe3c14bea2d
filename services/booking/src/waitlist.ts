import type { Negotiation } from "./negotiation.ts";

/** Cars that no slot suits now, the one that asked first at the front. */
export class Waitlist {
  readonly #line: Negotiation[] = [];

  get size(): number {
    return this.#line.length;
  }

  /** Takes a car in. @returns its place in the line, 1: next */
  add(negotiation: Negotiation): number {
    const { askedAtMs } = negotiation.request;
    let place = this.#line.length;
    while (place > 0 && (this.#line[place - 1]?.request.askedAtMs ?? 0) > askedAtMs) place--;
    this.#line.splice(place, 0, negotiation);
    return place + 1;
  }

  placeOf(negotiation: Negotiation): number {
    return this.#line.indexOf(negotiation) + 1;
  }

  /** Takes so many out from the front. */
  take(count: number): Negotiation[] {
    return this.#line.splice(0, count);
  }

  remove(negotiation: Negotiation): void {
    const at = this.#line.indexOf(negotiation);
    if (at >= 0) this.#line.splice(at, 1);
  }
}
