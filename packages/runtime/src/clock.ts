/** The one source of time. Tests pass their own. */
export interface Clock {
  /** Unix ms. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };
