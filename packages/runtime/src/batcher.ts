import { setImmediate as nextTurn } from "node:timers/promises";

export interface BatcherOptions<Item> {
  /** Items in one batch, at the most. */
  maxItems: number;
  /** Items that may wait for a batch, at the most. */
  maxWaiting: number;
  /** Does the work of one batch. It deals with its own failures; a rejection is a defect and ends the process. */
  work: (items: Item[]) => Promise<void>;
}

/**
 * Gathers items into batches without a timer. One batch is under way at a time, and the next one is what came in
 * meanwhile: when it is quiet an item waits for nothing, when it is busy the batches fill by themselves. Items are
 * worked on in the order in which they came, each once.
 */
export class Batcher<Item> implements AsyncDisposable {
  readonly #options: BatcherOptions<Item>;
  #waiting: Item[] = [];
  #running: Promise<void> | undefined;

  constructor(options: BatcherOptions<Item>) {
    this.#options = options;
  }

  /** Items that wait for a batch; those of the batch under way not counted. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes an item. @returns false, and takes nothing, when `maxWaiting` items wait already */
  add(item: Item): boolean {
    if (this.#waiting.length >= this.#options.maxWaiting) return false;
    this.#waiting.push(item);
    this.#running ??= this.#run();
    return true;
  }

  /** Resolves when everything that was taken has been worked on. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    await nextTurn(); // what this turn of the event loop brings goes along
    while (this.#waiting.length > 0) await this.#options.work(this.#take());
    this.#running = undefined;
  }

  #take(): Item[] {
    const { maxItems } = this.#options;
    if (this.#waiting.length > maxItems) return this.#waiting.splice(0, maxItems);
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }
}
