import type { Telemetry } from "@greenlane/contracts";
import { CRITICAL_BELOW_PERCENT, isCritical } from "./format/liveLine.ts";

/** Distinct cars are counted up to here. */
const MAX_CARS = 100_000;

/** What a live view has seen: every event that was asked for, shown or not. */
export class LiveStatistics {
  readonly #startedAtMs = Date.now();
  readonly #cars = new Set<string>();
  events = 0;
  #critical = 0;
  /** Records of the log that were passed over unread. */
  skipped = 0;
  /** Records that are no events which can be read. */
  unreadable = 0;

  count(t: Telemetry): void {
    this.events++;
    if (this.#cars.size < MAX_CARS) this.#cars.add(t.carId);
    if (isCritical(t)) this.#critical++;
  }

  /** @param notShown events whose lines a slow reader had no time for */
  text(notShown: number): string {
    const seconds = Math.max(0.001, (Date.now() - this.#startedAtMs) / 1000);
    const cars = this.#cars.size < MAX_CARS ? `${this.#cars.size}` : `${MAX_CARS} or more`;
    const rows: [string, string][] = [
      ["events", `${this.events} (${(this.events / seconds).toFixed(1)}/s)`],
      ["cars", cars],
      ["critical", `${this.#critical} reports below ${CRITICAL_BELOW_PERCENT} %`],
      ["not shown", `${notShown}`],
    ];
    if (this.skipped > 0) rows.push(["skipped", `${this.skipped} that this view was too far behind to read`]);
    if (this.unreadable > 0) rows.push(["unreadable", `${this.unreadable}`]);
    return rows.map(([name, value]) => `  ${name.padEnd(12)}${value}\n`).join("");
  }
}
