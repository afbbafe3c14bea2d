import type { Cluster, Redis, Result } from "ioredis";
import { script } from "./script.ts";

const SCRIPTS = ["holdSlots", "confirmSlots", "releaseSlots", "moveSlot", "expireSlots", "rebuildSlots"] as const;

type Argument = string | number;

declare module "ioredis" {
  interface RedisCommander<Context> {
    holdSlots(key: string, ...args: Argument[]): Result<Argument[], Context>;
    confirmSlots(key: string, ...args: Argument[]): Result<number, Context>;
    releaseSlots(key: string, ...ids: string[]): Result<number, Context>;
    moveSlot(key: string, ...args: Argument[]): Result<["moved" | "taken" | "gone" | "unknown", number], Context>;
    expireSlots(key: string): Result<string[], Context>;
    rebuildSlots(key: string, ...args: Argument[]): Result<number, Context>;
    readSlots(keys: number, ...keysAndVersions: string[]): Result<(string | null)[], Context>;
  }
}

/** Makes the scripts on slots commands of a client. */
export function defineSlotScripts(redis: Redis | Cluster): void {
  for (const name of SCRIPTS) redis.defineCommand(name, { numberOfKeys: 1, lua: script(name) });
  redis.defineCommand("readSlots", { lua: script("readSlots") });
}
