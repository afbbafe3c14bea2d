import type { Point } from "../geography.ts";

/** A car's wish for energy. */
export interface ChargeRequest {
  /** Chosen by the car; a wish that is uttered again keeps it. */
  requestId: string;
  carId: string;
  /** When it was first heard, by the clock of who matches, Unix ms. It ages from then on: see `matchHerd`. */
  askedAtMs: number;
  at: Point;
  /** 0 to 100 */
  batteryPercent: number;
  capacityKwh: number;
  kwhPerKm: number;
  /** 0 to 100 */
  targetPercent: number;
  /** The least target that it accepts where a station is crowded, 0 to `targetPercent`; as much is all or nothing. */
  leastPercent: number;
  /** That the car takes at the most, kW. */
  maxPowerKw: number;
  /** The plugs that fit; when empty, all do. */
  connectorTypes: readonly string[];
  /** Those that it would go to; when empty or left out, all. */
  stationIds?: readonly string[];
  /** The car plugs in no earlier, Unix ms. */
  earliestMs: number;
  /** The car is charged by then, Unix ms. */
  latestMs: number;
  /** How long after it could plug in it is ready to begin; it takes another slot, or none, when that were longer. */
  maxWaitMs: number;
  /** What an hour is worth to it, dollars: beside other cars no more than MOST_PER_HOUR. */
  valuePerHour: number;
  /** What it pays at the most, dollars. */
  maxPricePerKwh: number;
}

/** A plug of a station. */
export interface Connector {
  connectorId: string;
  stationId: string;
  at: Point;
  powerKw: number;
  type: string;
}

/**
 * The wishes that count of those uttered: of each car its oldest (of the same age, the one with the lesser id). So a
 * car gains nothing from asking twice.
 */
export function oneRequestPerCar(requests: readonly ChargeRequest[]): ChargeRequest[] {
  const oldest = new Map<string, ChargeRequest>();
  for (const request of requests) {
    const other = oldest.get(request.carId);
    if (other === undefined || isOlder(request, other)) oldest.set(request.carId, request);
  }
  return [...oldest.values()];
}

function isOlder(a: ChargeRequest, b: ChargeRequest): boolean {
  return a.askedAtMs < b.askedAtMs || (a.askedAtMs === b.askedAtMs && a.requestId < b.requestId);
}
