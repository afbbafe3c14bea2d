import { setImmediate as nextTurn } from "node:timers/promises";

export interface BatcherOptions<Item> {
  /** Items in one batch, at the most. */
  maxItems: number;
  /** Items that may wait for a batch, at the most. */
  maxWaiting: number;
  /** Batches under way at once, at the most; one, where the order of the items counts. Default 1. */
  batchesAtOnce?: number;
  /**
   * After a batch of several items, the next one waits for so long, ms, until it has as many; where each batch costs
   * something, a steady trickle so makes fewer and fuller ones. Default 0.
   */
  gatherMs?: number;
  /** Does the work of one batch. It deals with its own failures; a rejection is a defect and ends the process. */
  work: (items: Item[]) => Promise<void>;
}

/** A batch of so many items is not waited for to become fuller. */
const FULL_ENOUGH = 64;

/**
 * Gathers items into batches. The next batch is what came in while the last one was under way: when it is quiet an item
 * waits for nothing, when it is busy the batches fill by themselves. Items go into batches in the order in which they
 * came, each into one.
 */
export class Batcher<Item> implements AsyncDisposable {
  readonly #options: Required<BatcherOptions<Item>>;
  readonly #runs = new Set<Promise<void>>();
  #waiting: Item[] = [];
  /** Whether a run is about to take what waits. */
  #isGathering = false;
  #gathered: { items: number; tell: () => void } | undefined;

  constructor(options: BatcherOptions<Item>) {
    this.#options = { batchesAtOnce: 1, gatherMs: 0, ...options };
  }

  /** Items that wait for a batch; those of the batches under way not counted. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes an item. @returns false, and takes nothing, when `maxWaiting` items wait already */
  add(item: Item): boolean {
    if (this.#waiting.length >= this.#options.maxWaiting) return false;
    this.#waiting.push(item);
    this.#runOneMore();
    if (this.#gathered !== undefined && this.#waiting.length >= this.#gathered.items) this.#gathered.tell();
    return true;
  }

  /** Resolves when everything that was taken has been worked on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#gathered?.tell();
    while (this.#runs.size > 0) await Promise.all(this.#runs);
  }

  /** Starts a run for what waits, unless one is about to take it or as many as may be are under way. */
  #runOneMore(): void {
    if (this.#isGathering || this.#waiting.length === 0 || this.#runs.size >= this.#options.batchesAtOnce) return;
    const run = this.#run().then(() => {
      this.#runs.delete(run);
      this.#runOneMore(); // for what came between its last look and its end
    });
    this.#runs.add(run);
  }

  async #run(): Promise<void> {
    this.#isGathering = true;
    await nextTurn(); // what this turn of the event loop brings goes along
    for (;;) {
      this.#isGathering = false;
      if (this.#waiting.length === 0) return;
      const items = this.#take();
      this.#runOneMore();
      await this.#options.work(items);
      if (this.#isGathering) return;
      this.#isGathering = true;
      await this.#gather(items.length);
    }
  }

  /** Resolves when as much waits as the last batch had, or it was waited for long enough. */
  async #gather(lastItems: number): Promise<void> {
    const { gatherMs } = this.#options;
    const items = Math.min(lastItems, FULL_ENOUGH);
    if (gatherMs === 0 || lastItems < 2 || this.#waiting.length >= items) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, gatherMs);
      const tell = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#gathered = { items, tell };
    });
    this.#gathered = undefined;
  }

  #take(): Item[] {
    const { maxItems } = this.#options;
    if (this.#waiting.length > maxItems) return this.#waiting.splice(0, maxItems);
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }
}
