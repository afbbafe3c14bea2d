import { type GridPrice, gridPriceSchema } from "@greenlane/contracts";
import { Counter, gaugeOf, type Runtime, retry } from "@greenlane/runtime";
import { circuitBreaker } from "./circuitBreaker.ts";

/** The grid gave no price for a moment; worth asking again. */
export class PriceUnavailable extends Error {
  override name = "PriceUnavailable";
}

/** Intervals remembered: ten days of quarters of an hour. */
const MAX_REMEMBERED = 960;
const BREAKER = { failures: 3, restMs: 2_000 };
const RETRY = { attempts: 3, baseMs: 100, maxMs: 1_000 };

interface Options {
  url: string;
  timeoutMs: number;
  graceMs: number;
  /** Keeps a price before it is used for the first time. @returns the price that stands: the first that was kept */
  onPrice: (price: GridPrice) => Promise<GridPrice>;
}

function isInForce(price: GridPrice | undefined, momentMs: number): boolean {
  return price !== undefined && price.valid_from <= momentMs && momentMs < price.valid_until;
}

/** The grid's prices, asked for once an interval. */
export class GridPrices {
  readonly #options: Options;
  readonly #breaker: ReturnType<typeof circuitBreaker>;
  readonly #requests: Counter<"outcome">;
  /** In the order of asking; keyed by valid_from. */
  readonly #known = new Map<number, GridPrice>();
  /** The one fetched last, which most events need. */
  #latest: GridPrice | undefined;
  readonly #asking = new Map<number, Promise<GridPrice>>();

  constructor(options: Options, runtime: Runtime) {
    this.#options = options;
    this.#breaker = circuitBreaker(BREAKER, runtime.clock);
    const registers = [runtime.metrics];
    this.#requests = new Counter({
      name: "grid_requests_total",
      help: "Requests for a price",
      labelNames: ["outcome"],
      registers,
    });
    const breaker = this.#breaker;
    const isOpen = () => (breaker.isOpen() ? 1 : 0);
    gaugeOf(runtime.metrics, "grid_circuit_open", "1 while the grid is left alone after failures", isOpen);
  }

  /** Whether the last calls to the grid failed. */
  isAway(): boolean {
    return this.#breaker.isOpen();
  }

  /** The price in force at a moment (Unix ms), where it was asked for before. */
  known(momentMs: number): GridPrice | undefined {
    if (isInForce(this.#latest, momentMs)) return this.#latest;
    for (const price of this.#known.values()) if (isInForce(price, momentMs)) return price;
    return undefined;
  }

  /** The price in force at a moment (Unix ms). @throws PriceUnavailable, or what `onPrice` throws */
  async at(momentMs: number): Promise<GridPrice> {
    const known = this.known(momentMs);
    if (known !== undefined) return known;
    const minute = Math.floor(momentMs / 60_000);
    let asking = this.#asking.get(minute);
    if (asking === undefined) {
      asking = this.#ask(momentMs).finally(() => this.#asking.delete(minute));
      this.#asking.set(minute, asking);
    }
    const price = await asking;
    return price.valid_from <= momentMs && momentMs < price.valid_until + this.#options.graceMs
      ? price
      : this.at(momentMs);
  }

  async #ask(momentMs: number): Promise<GridPrice> {
    const fetched = await this.#fetch(momentMs);
    if (this.#known.has(fetched.valid_from)) return fetched;
    const price = await this.#options.onPrice(fetched);
    this.#known.set(price.valid_from, price);
    this.#latest = price;
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    return price;
  }

  /** The grid's answer, or, within the grace, the last price before the moment. @throws PriceUnavailable */
  async #fetch(momentMs: number): Promise<GridPrice> {
    try {
      return await this.#breaker.call(() => retry(() => this.#request(momentMs), RETRY));
    } catch (cause) {
      const standIn = [...this.#known.values()]
        .filter((price) => price.valid_from <= momentMs && momentMs < price.valid_until + this.#options.graceMs)
        .reduce<GridPrice | undefined>((a, b) => (a === undefined || b.valid_from > a.valid_from ? b : a), undefined);
      if (standIn !== undefined) return standIn;
      const reason = cause instanceof Error ? cause.message : cause;
      throw new PriceUnavailable(`no price for ${new Date(momentMs).toISOString()}: ${reason}`, { cause });
    }
  }

  async #request(momentMs: number): Promise<GridPrice> {
    try {
      const url = new URL(`/api/pricing?at=${momentMs}`, this.#options.url);
      const answer = await fetch(url, { signal: AbortSignal.timeout(this.#options.timeoutMs) });
      if (!answer.ok) throw new Error(`the grid answered ${answer.status}`);
      const price = gridPriceSchema.parse(await answer.json());
      if (momentMs < price.valid_from || momentMs >= price.valid_until)
        throw new Error("the grid answered for another moment");
      this.#requests.inc({ outcome: "ok" });
      return price;
    } catch (error) {
      this.#requests.inc({ outcome: "failed" });
      throw error;
    }
  }
}
