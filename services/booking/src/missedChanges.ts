import { pause, type Runtime } from "@greenlane/runtime";
import { changedBookings, type Database } from "@greenlane/timescale";
import type { EngineMessages } from "./engineMessages.ts";
import type { Parties } from "./parties.ts";

export interface MissedParts {
  database: Database;
  parties: Parties;
  messages: EngineMessages;
}

/** Cars looked up at once, and how long they wait for each other: a herd that comes costs the database little. */
const CARS_AT_ONCE = 500;
const GATHER_MS = 250;
/** Cars that may wait; those beyond can ask. */
const MAX_WAITING = 50_000;
const AWAY_MS = 1_000;

/** Tells cars that come, or come back, how their booking is, when it has changed since it was made. */
export class MissedChanges implements AsyncDisposable {
  readonly #parts: MissedParts;
  readonly #runtime: Runtime;
  readonly #waiting = new Set<string>();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(parts: MissedParts, runtime: Runtime) {
    this.#parts = parts;
    this.#runtime = runtime;
  }

  /** A car has come. */
  look(carId: string): void {
    if (this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.add(carId);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#waiting.size > 0) {
      await pause(GATHER_MS, signal);
      if (signal.aborted) return;
      const carIds = [...this.#waiting].slice(0, CARS_AT_ONCE);
      try {
        await this.#tell(carIds);
        for (const carId of carIds) this.#waiting.delete(carId);
      } catch (err) {
        this.#runtime.logger.warn({ err }, "what cars have missed cannot be looked up; trying on");
        await pause(AWAY_MS, signal);
      }
    }
    this.#running = undefined;
  }

  async #tell(carIds: string[]): Promise<void> {
    const { database, parties, messages } = this.#parts;
    for (const changed of await changedBookings(database, carIds)) {
      const booking = messages.booking(changed);
      if (parties.isMissed(booking)) parties.of(changed.carId)?.tell({ kind: "booking", booking });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }
}
