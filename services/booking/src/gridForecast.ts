import { gridPriceSchema } from "@greenlane/contracts";
import { SETTLEMENT_INTERVAL_MS, type TimeRange } from "@greenlane/domain";
import { backoffMs, pause, type Runtime } from "@greenlane/runtime";
import { z } from "zod";

const REFRESH_MS = 60_000;
const RETRY = { baseMs: 500, maxMs: 10_000 };
const HOURS = 48;

/** One price a settlement interval, without gaps. */
const forecastSchema = z
  .array(gridPriceSchema)
  .min(1)
  .refine(
    (prices) =>
      prices.every(({ valid_from }, n) => valid_from === (prices[0]?.valid_from ?? 0) + n * SETTLEMENT_INTERVAL_MS),
    "is not one price a settlement interval",
  );

/** When the settlement interval after that of a moment begins, Unix ms. */
const nextIntervalMs = (atMs: number) => (Math.floor(atMs / SETTLEMENT_INTERVAL_MS) + 1) * SETTLEMENT_INTERVAL_MS;

/** The grid's forecast, kept fresh; while the grid is away the last one stands, for as long as it reaches. */
export class GridForecast implements AsyncDisposable {
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #runtime: Runtime;
  readonly #stopping = new AbortController();
  #fromMs = 0;
  /** Of each settlement interval in turn, dollars per kWh. */
  #prices: number[] = [];
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
    return this.#fromMs + this.#prices.length * SETTLEMENT_INTERVAL_MS > this.#runtime.clock.nowMs();
  }

  /** Dollars per kWh at a moment (Unix ms); before and after the forecast its first and last price. */
  priceAt(atMs: number): number {
    const interval = Math.floor((atMs - this.#fromMs) / SETTLEMENT_INTERVAL_MS);
    return this.#prices[Math.min(Math.max(0, interval), this.#prices.length - 1)] ?? Number.NaN;
  }

  /** The mean over a slot, dollars per kWh. */
  pricePerKwh({ startMs, endMs }: TimeRange): number {
    let sum = 0;
    for (let fromMs = startMs; fromMs < endMs; ) {
      const untilMs = Math.min(endMs, nextIntervalMs(fromMs));
      sum += this.priceAt(fromMs) * (untilMs - fromMs);
      fromMs = untilMs;
    }
    return sum / (endMs - startMs);
  }

  async #refresh(): Promise<void> {
    const answer = await fetch(this.#url, { signal: AbortSignal.timeout(this.#timeoutMs) });
    if (!answer.ok) throw new Error(`the grid answered ${answer.status}`);
    const forecast = forecastSchema.parse(await answer.json());
    this.#fromMs = forecast[0]?.valid_from ?? 0;
    this.#prices = forecast.map(({ price_per_kwh }) => price_per_kwh);
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
