import { retry } from "@greenlane/runtime";
import { sqlState } from "./database.ts";

const DEADLOCK = "40P01";
const SERIALIZATION_FAILURE = "40001";

/** Of those who collide at least one gets through at each attempt: this many fail only under a load beyond all bounds. */
const ATTEMPTS = 6;
const WAIT = { baseMs: 5, maxMs: 100 };

/**
 * Does the work, whole transactions, again when the database ended it for colliding with another.
 * @throws what else goes wrong, at once
 */
export function retryCollisions<Result>(work: () => Promise<Result>): Promise<Result> {
  const isRetryable = (error: unknown) => [DEADLOCK, SERIALIZATION_FAILURE].includes(sqlState(error) ?? "");
  return retry(work, { attempts: ATTEMPTS, ...WAIT, isRetryable });
}
