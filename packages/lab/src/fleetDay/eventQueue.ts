/** Things to come, the soonest first; of those at the same moment the one that was put in first. A binary heap. */
export class EventQueue<Event> {
  readonly #heap: { atMin: number; order: number; event: Event }[] = [];
  #order = 0;

  put(atMin: number, event: Event): void {
    const heap = this.#heap;
    heap.push({ atMin, order: this.#order++, event });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** The soonest event, when it is no later than a moment. */
  takeUntil(untilMin: number): { atMin: number; event: Event } | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.atMin > untilMin) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) {
      this.#heap[0] = last;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    for (let parent = 0; ; ) {
      let soonest = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, soonest)) soonest = child;
      }
      if (soonest === parent) return;
      this.#swap(parent, soonest);
      parent = soonest;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return false;
    return one.atMin < other.atMin || (one.atMin === other.atMin && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}
