import { publish, type Redis } from "@greenlane/redis";

/** Items that go in one message at the most, so that the other side can begin. */
const AT_ONCE = 200;

/** Who has said nothing for so long says that it is there, when it is asked. */
const SILENT_MS = 500;

/** Publishes items on a channel; those of one turn of the event loop go together. */
export class Relay<Item> {
  readonly #redis: Redis;
  readonly #channel: string;
  readonly #asMessage: (items: Item[]) => object;
  readonly #onLost: (items: Item[]) => void;
  #waiting: Item[] = [];
  #saidAtMs = Number.NEGATIVE_INFINITY;

  /** @param onLost told of items that nobody hears */
  constructor(redis: Redis, channel: string, asMessage: (items: Item[]) => object, onLost: (items: Item[]) => void) {
    this.#redis = redis;
    this.#channel = channel;
    this.#asMessage = asMessage;
    this.#onLost = onLost;
  }

  send(item: Item): void {
    if (this.#waiting.push(item) === 1) setImmediate(() => this.#flush());
  }

  /** Says that it is there, by a message without items, unless it has said something just now. */
  beat(): void {
    if (performance.now() - this.#saidAtMs > SILENT_MS) void this.#publish([]);
  }

  #flush(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < all.length; at += AT_ONCE) void this.#publish(all.slice(at, at + AT_ONCE));
  }

  async #publish(items: Item[]): Promise<void> {
    this.#saidAtMs = performance.now();
    const message = JSON.stringify(this.#asMessage(items));
    const listeners = await publish(this.#redis, this.#channel, message).catch(() => 0);
    if (listeners === 0) this.#onLost(items);
  }
}
