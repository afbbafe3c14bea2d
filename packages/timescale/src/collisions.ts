import { retry } from "@greenlane/runtime";
import { sqlState } from "./database.ts";

const DEADLOCK = "40P01";
const SERIALIZATION_FAILURE = "40001";
/** Two rows are not to be in the table together. */
export const EXCLUSION_VIOLATION = "23P01";

/** Of those who collide at least one gets through at each attempt: this many fail only under a load beyond all bounds. */
const ATTEMPTS = 6;
const WAIT = { baseMs: 5, maxMs: 100 };

/**
 * Does the work, whole transactions, again when the database ended it for colliding with another.
 * @param others SQLSTATEs that are collisions to this work, too
 * @throws what else goes wrong, at once
 */
export function retryCollisions<Result>(work: () => Promise<Result>, ...others: string[]): Promise<Result> {
  const collisions = [DEADLOCK, SERIALIZATION_FAILURE, ...others];
  const isRetryable = (error: unknown) => collisions.includes(sqlState(error) ?? "");
  return retry(work, { attempts: ATTEMPTS, ...WAIT, isRetryable });
}
