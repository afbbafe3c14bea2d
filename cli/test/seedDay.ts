const DAY_MS = 86_400_000;
/** The day before this one: servers remove by age what is much older. Golden files call it 2026-06-01. */
export const SEED_DAY_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS;
/** A moment of that day. */
export const at = (hours: number, minutes: number, seconds: number, ms = 0) =>
  SEED_DAY_MS + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + ms;
