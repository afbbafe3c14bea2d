import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@greenlane/domain";
import type { Redis } from "@greenlane/redis";
import type { ServiceProcess } from "@greenlane/stage";
import { nowMs } from "./herdCar.ts";
import type { HerdServices } from "./herdServices.ts";

/** What was done to a herd's servers, and when, Unix ms. */
export interface Mischief {
  killed: string;
  killedAtMs: number;
  /** When the process was ready again. */
  backAtMs: number;
  flushedAtMs: number;
}

/** A herd of so many cars is answered in about so long, by what was measured: the mischief is to fall into it. */
const HERD_MS = { least: 300, perCar: 1 };

/**
 * Kills a booking process and empties Redis, each at an instant that the seed chooses within the time that a herd takes.
 * Resolves when the process is ready again.
 */
export async function mischief(services: HerdServices, redis: Redis, cars: number, seed: number): Promise<Mischief> {
  const random = seededRandom(seed);
  const withinMs = Math.max(HERD_MS.least, HERD_MS.perCar * cars);
  const victim = services.bookings[Math.floor(random() * services.bookings.length)] as ServiceProcess;
  const [killAfterMs, flushAfterMs] = [random() * withinMs, random() * withinMs];
  const killing = async () => {
    await sleep(killAfterMs);
    const killedAtMs = nowMs();
    await victim.kill();
    await victim.startAgain();
    return { killed: victim.name, killedAtMs, backAtMs: nowMs() };
  };
  const flushing = async () => {
    await sleep(flushAfterMs);
    await redis.flushall();
    return { flushedAtMs: nowMs() };
  };
  const [killed, flushed] = await Promise.all([killing(), flushing()]);
  return { ...killed, ...flushed };
}
