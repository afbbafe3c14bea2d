/** What crowding at a station does to what it sells. */
export interface CongestionRules {
  /** The price of an empty station by the grid's. */
  leastFactor: number;
  /** The price of a station with no free time left by the grid's. */
  mostFactor: number;
  /** How far ahead the time is looked at that decides on the length of sessions. */
  lookAheadMs: number;
  /** From this share of taken time on, sessions get shorter, 0 to 1. */
  shortenFrom: number;
  /** What is left of the energy asked for when no time is free, 0 to 1. */
  leastEnergyShare: number;
}

export const CONGESTION: CongestionRules = {
  leastFactor: 0.9,
  mostFactor: 2,
  lookAheadMs: 2 * 3_600_000,
  shortenFrom: 0.5,
  leastEnergyShare: 0.5,
};

/**
 * A station's price by the grid's, from the share (0 to 1) of its connectors' time that is taken: idle connectors sell
 * below the grid's price, which is what they call cars with; it is flat while there is room, steep when there is little (the square). It knows nothing of who asks, so all who ask at
 * a moment hear the same.
 */
export function congestionFactor(
  takenShare: number,
  { leastFactor, mostFactor }: CongestionRules = CONGESTION,
): number {
  return leastFactor + (mostFactor - leastFactor) * clamped(takenShare) ** 2;
}

/**
 * The share of the energy asked for that a station sells a car: all of it until it is crowded, then ever less, as
 * partial charging serves more cars a day (Y. Yuan et al., "p²Charging: proactive partial charging for electric taxi
 * systems", ICDCS 2019).
 */
export function energyShare(
  takenShare: number,
  { shortenFrom, leastEnergyShare }: CongestionRules = CONGESTION,
): number {
  const crowding = clamped((takenShare - shortenFrom) / (1 - shortenFrom));
  return 1 - (1 - leastEnergyShare) * crowding;
}

const clamped = (share: number) => Math.min(1, Math.max(0, share));
