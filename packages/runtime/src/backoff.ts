import { setTimeout as sleep } from "node:timers/promises";

export interface BackoffBounds {
  baseMs: number;
  maxMs: number;
}

/**
 * How long to wait before the next attempt: exponential with full jitter, so that many who failed
 * together do not come back together (M. Brooker, "Exponential Backoff And Jitter", AWS 2015).
 * @param attempt 0 for the first retry
 */
export function backoffMs(attempt: number, bounds: BackoffBounds, random: () => number = Math.random): number {
  const ceilingMs = Math.min(bounds.maxMs, bounds.baseMs * 2 ** Math.min(attempt, 30));
  return random() * ceilingMs;
}

/** What `retry` needs to know. */
export interface RetryPolicy extends BackoffBounds {
  /** How often the work is tried at the most, the first time included. */
  attempts: number;
  /** Which failures are worth another try; all, when left out. */
  isRetryable?: (error: unknown) => boolean;
  onRetry?: (error: unknown, attempt: number) => void;
  signal?: AbortSignal;
}

/**
 * Does the work, again after a jittered wait when it fails.
 * @throws the last failure, or the signal's reason when it was aborted
 */
export async function retry<Result>(work: (attempt: number) => Promise<Result>, policy: RetryPolicy): Promise<Result> {
  for (let attempt = 0; ; attempt++) {
    policy.signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      const last = attempt + 1 >= policy.attempts;
      if (last || policy.isRetryable?.(error) === false) throw error;
      policy.onRetry?.(error, attempt);
      await sleep(backoffMs(attempt, policy), undefined, policy.signal ? { signal: policy.signal } : {});
    }
  }
}
