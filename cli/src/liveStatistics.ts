import type { BookingEvent, Telemetry } from "@greenlane/contracts";
import { type Fact, factLines } from "./format/facts.ts";
import { CRITICAL_BELOW_PERCENT, isCritical } from "./format/liveLine.ts";

/** Distinct cars are counted up to here. */
const MAX_CARS = 100_000;

/** What a live view has seen: every report and every change of a booking that was asked for, shown or not. */
export class LiveStatistics {
  readonly #startedAtMs = Date.now();
  readonly #cars = new Set<string>();
  events = 0;
  #critical = 0;
  readonly #changes = new Map<string, number>();
  /** Records of the log that were passed over unread. */
  skipped = 0;
  /** Records that are no events which can be read. */
  unreadable = 0;

  count(t: Telemetry): void {
    this.events++;
    if (this.#cars.size < MAX_CARS) this.#cars.add(t.carId);
    if (isCritical(t)) this.#critical++;
  }

  countChange({ event_type }: BookingEvent): void {
    this.#changes.set(event_type, (this.#changes.get(event_type) ?? 0) + 1);
  }

  /** @param notShown events whose lines a slow reader had no time for */
  text(notShown: number): string {
    const seconds = Math.max(0.001, (Date.now() - this.#startedAtMs) / 1000);
    const cars = this.#cars.size < MAX_CARS ? `${this.#cars.size}` : `${MAX_CARS} or more`;
    const rows: Fact[] = [
      ["events", `${this.events} (${(this.events / seconds).toFixed(1)}/s)`],
      ["cars", cars],
      ["critical", `${this.#critical} reports below ${CRITICAL_BELOW_PERCENT} %`],
    ];
    if (this.#changes.size > 0) rows.push(["bookings", this.#changesText()]);
    rows.push(["not shown", `${notShown}`]);
    if (this.skipped > 0) rows.push(["skipped", `${this.skipped} that this view was too far behind to read`]);
    if (this.unreadable > 0) rows.push(["unreadable", `${this.unreadable}`]);
    return factLines(rows);
  }

  #changesText(): string {
    const named = [...this.#changes].map(
      ([type, count]) => `${count} ${type.replace("booking_", "").replace("_", " ")}`,
    );
    return named.join(", ");
  }
}
