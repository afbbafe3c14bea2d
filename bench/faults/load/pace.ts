/** How many of something are due, so many a second, while it goes on. */
export class Pace {
  readonly #perSecond: number;
  #goneOnAtMs: number | undefined;
  #taken = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  get isGoing(): boolean {
    return this.#goneOnAtMs !== undefined;
  }

  /** Begins anew: what was due before is not made up for. */
  go(): void {
    this.#goneOnAtMs = performance.now();
    this.#taken = 0;
  }

  hold(): void {
    this.#goneOnAtMs = undefined;
  }

  /** How many have become due since it was asked last. */
  takeDue(): number {
    if (this.#goneOnAtMs === undefined) return 0;
    const due = Math.floor(((performance.now() - this.#goneOnAtMs) / 1_000) * this.#perSecond);
    const fresh = due - this.#taken;
    this.#taken = due;
    return fresh;
  }
}
