import type { Clock } from "@greenlane/runtime";

/** The circuit is open: the other side failed too often, and is left alone for a while. */
export class CircuitOpen extends Error {
  override name = "CircuitOpen";
}

/**
 * Lets calls through until `failures` of them in a row failed; then none for `restMs`; then one, which decides
 * (M. Nygard, Release It!, "Circuit Breaker").
 */
export function circuitBreaker(limits: { failures: number; restMs: number }, clock: Clock) {
  let failed = 0;
  let openUntilMs = 0;
  return {
    isOpen: () => failed >= limits.failures,
    /** @throws CircuitOpen, or what the call throws */
    async call<Result>(work: () => Promise<Result>): Promise<Result> {
      if (failed >= limits.failures && clock.nowMs() < openUntilMs) throw new CircuitOpen("the circuit is open");
      openUntilMs = clock.nowMs() + limits.restMs;
      try {
        const result = await work();
        failed = 0;
        return result;
      } catch (error) {
        failed++;
        openUntilMs = clock.nowMs() + limits.restMs;
        throw error;
      }
    },
  };
}
