import { leaseKey } from "@greenlane/contracts";
import type { Cluster, Redis, Result } from "ioredis";
import { script } from "./script.ts";

declare module "ioredis" {
  interface RedisCommander<Context> {
    acquireLease(key: string, holder: string, ttlMs: number): Result<0 | 1, Context>;
    releaseLease(key: string, holder: string): Result<0 | 1, Context>;
  }
}

/**
 * What only one process does at a time, by Redis's own clock. A holder that was paused may believe that it still
 * holds: what must not be done twice is guarded by a fence of the database as well.
 */
export interface Leases {
  /** Takes a lease for a while, or prolongs it when it is the holder's already. @returns whether it is the holder's */
  acquire(name: string, holder: string, ttlMs: number): Promise<boolean>;
  /** Gives a lease back. @returns whether it was the holder's */
  release(name: string, holder: string): Promise<boolean>;
}

export function leases(redis: Redis | Cluster): Leases {
  for (const name of ["acquireLease", "releaseLease"]) {
    redis.defineCommand(name, { numberOfKeys: 1, lua: script(name) });
  }
  return {
    acquire: async (name, holder, ttlMs) => (await redis.acquireLease(leaseKey(name), holder, ttlMs)) === 1,
    release: async (name, holder) => (await redis.releaseLease(leaseKey(name), holder)) === 1,
  };
}
