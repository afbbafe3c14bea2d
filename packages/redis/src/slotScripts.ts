import { readFileSync } from "node:fs";
import type { Redis, Result } from "ioredis";

/** A script of lua/, with what it includes put before it. */
function script(name: string): string {
  const read = (file: string) => readFileSync(new URL(`../lua/${file}.lua`, import.meta.url), "utf8");
  return read(name).replace(/^--#include (\w+)$/m, (_, included: string) => read(included));
}

const SCRIPTS = ["holdSlot", "confirmSlot", "releaseSlot", "moveSlot", "expireSlots", "rebuildSlots"] as const;

type Argument = string | number;

declare module "ioredis" {
  interface RedisCommander<Context> {
    holdSlot(key: string, ...args: Argument[]): Result<["held" | "taken" | "other" | "unknown", number], Context>;
    confirmSlot(key: string, ...args: Argument[]): Result<"booked", Context>;
    releaseSlot(key: string, id: string): Result<number, Context>;
    moveSlot(key: string, ...args: Argument[]): Result<["moved" | "taken" | "gone" | "unknown", number], Context>;
    expireSlots(key: string): Result<string[], Context>;
    rebuildSlots(key: string, ...args: Argument[]): Result<number, Context>;
  }
}

/** Makes the scripts on slots commands of a client. */
export function defineSlotScripts(redis: Redis): void {
  for (const name of SCRIPTS) redis.defineCommand(name, { numberOfKeys: 1, lua: script(name) });
}
