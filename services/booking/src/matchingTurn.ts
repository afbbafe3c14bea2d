import { setTimeout as sleep } from "node:timers/promises";
import type { Leases } from "@greenlane/redis";

/** A turn ends by itself when its holder is stuck. */
const TURN_MS = 1_000;
const POLL_MS = 4;

/**
 * Processes of a zone take turns to match, so that each sees what the others have held. It makes matches better; that
 * no slot is held twice is Redis's doing. So a process that gets no turn goes on without: a holder that was paused
 * delays the others for a second at the most, and does no harm when it comes back.
 */
export class MatchingTurn {
  readonly #leases: Leases;
  readonly #name: string;
  readonly #holder: string;

  constructor(leases: Leases, zone: string, holder: string) {
    this.#leases = leases;
    this.#name = `matching:${zone}`;
    this.#holder = holder;
  }

  /** @throws what Redis throws */
  async take(): Promise<AsyncDisposable> {
    const untilMs = performance.now() + TURN_MS;
    while (!(await this.#leases.acquire(this.#name, this.#holder, TURN_MS)) && performance.now() < untilMs) {
      await sleep(POLL_MS);
    }
    return {
      // Not given back, it ends by itself.
      [Symbol.asyncDispose]: async () => void (await this.#leases.release(this.#name, this.#holder).catch(() => false)),
    };
  }
}
