import { gridPriceSchema } from "@greenlane/contracts";
import { backoffMs, pause, type Runtime } from "@greenlane/runtime";
import { z } from "zod";

const REFRESH_MS = 60_000;
const RETRY = { baseMs: 500, maxMs: 10_000 };
const HOURS = 48;

interface Interval {
  untilMs: number;
  pricePerKwh: number;
}

const forecastSchema = z.array(gridPriceSchema).min(1);

/** The grid's forecast, kept fresh; while the grid is away the last one stands, for as long as it reaches. */
export class GridForecast implements AsyncDisposable {
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #runtime: Runtime;
  readonly #stopping = new AbortController();
  /** In the order of time, without gaps. */
  #intervals: Interval[] = [];
  #keeping: Promise<void> | undefined;

  constructor(gridUrl: string, timeoutMs: number, runtime: Runtime) {
    this.#url = new URL(`/api/pricing/forecast?hours=${HOURS}`, gridUrl);
    this.#timeoutMs = timeoutMs;
    this.#runtime = runtime;
  }

  /** Resolves when the first attempt has been made, good or bad. */
  async start(): Promise<this> {
    await this.#refresh().catch((err: unknown) => this.#runtime.logger.warn({ err }, "the grid gives no forecast"));
    this.#keeping = this.#keepFresh();
    return this;
  }

  /** Whether there is a forecast for now: without one nothing can be priced. */
  isKnown(): boolean {
    return (this.#intervals.at(-1)?.untilMs ?? 0) > this.#runtime.clock.nowMs();
  }

  /** Dollars per kWh at a moment (Unix ms); before and after the forecast its first and last price. */
  priceAt(atMs: number): number {
    const at = this.#intervals.findIndex(({ untilMs }) => atMs < untilMs);
    return this.#intervals.at(at)?.pricePerKwh ?? Number.NaN;
  }

  async #refresh(): Promise<void> {
    const answer = await fetch(this.#url, { signal: AbortSignal.timeout(this.#timeoutMs) });
    if (!answer.ok) throw new Error(`the grid answered ${answer.status}`);
    this.#intervals = forecastSchema.parse(await answer.json()).map(({ valid_until, price_per_kwh }) => ({
      untilMs: valid_until,
      pricePerKwh: price_per_kwh,
    }));
  }

  async #keepFresh(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = this.isKnown() ? 0 : 1; ; ) {
      await pause(failures === 0 ? REFRESH_MS : backoffMs(failures, RETRY), signal);
      if (signal.aborted) return;
      try {
        await this.#refresh();
        failures = 0;
      } catch (err) {
        if (failures++ === 0) this.#runtime.logger.warn({ err }, "the grid gives no forecast; the last one stands");
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#keeping;
  }
}
