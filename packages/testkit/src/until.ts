import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the condition gives something other than undefined, null or false. @throws Error naming what never came */
export async function until<Found>(
  what: string,
  condition: () => Found | Promise<Found>,
  timeoutMs = 60_000,
): Promise<NonNullable<Found>> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await condition();
    if (found !== undefined && found !== null && found !== false) return found as NonNullable<Found>;
    if (Date.now() > deadlineMs) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await sleep(20);
  }
}
