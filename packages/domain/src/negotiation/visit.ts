import { secondsToCharge } from "../charging.ts";
import { distanceKm, type Point } from "../geography.ts";
import type { ChargeRequest, Connector } from "./chargeRequest.ts";

/** How cars get around. */
export interface Travel {
  /** Length of the road by length of the straight line, 1 or more: how much roads wind. */
  roadFactor: number;
  speedKmh: number;
  /** What a car is to have left at least when it arrives, % of its battery: roads wind more than one thinks. */
  reservePercent: number;
}

/** What going to a connector comes to for a car, whenever the charging begins. */
export interface Visit {
  km: number;
  /** When it could plug in, leaving now, Unix ms. */
  arriveMs: number;
  /** What it is charged to: what it wants, or less where the station sells less, %. */
  targetPercent: number;
  /** Energy from arrival to the target. */
  kwh: number;
  chargeMs: number;
}

export function roadKm(from: Point, to: Point, { roadFactor }: Travel): number {
  return roadFactor * distanceKm(from, to);
}

/** The charge (%) that is left after a drive; below 0 when the battery does not last. */
export function percentAfterDrive(
  { batteryPercent, capacityKwh, kwhPerKm }: Pick<ChargeRequest, "batteryPercent" | "capacityKwh" | "kwhPerKm">,
  km: number,
): number {
  return batteryPercent - ((km * kwhPerKm) / capacityKwh) * 100;
}

/** Whether the plug fits, at a station that the car would go to. */
export function suits(
  { connectorTypes, stationIds = [] }: Pick<ChargeRequest, "connectorTypes" | "stationIds">,
  { type, stationId }: Connector,
): boolean {
  return (
    (connectorTypes.length === 0 || connectorTypes.includes(type)) &&
    (stationIds.length === 0 || stationIds.includes(stationId))
  );
}

/**
 * A car's visit to a connector, leaving at a moment (Unix ms) or later. Undefined when it does not get there with the
 * reserve, when it has what it wants on arrival, when the plug does not fit, or when it would not go to the station.
 *
 * @param energyShare of the energy asked for that the station sells, 0 to 1; it is never less than to `leastPercent`
 * @param straightKm how far the connector is as the crow flies, km, where it is known already
 */
export function visitTo(
  request: ChargeRequest,
  connector: Connector,
  travel: Travel,
  nowMs: number,
  energyShare = 1,
  straightKm = distanceKm(request.at, connector.at),
): Visit | undefined {
  if (!suits(request, connector)) return undefined;
  const km = travel.roadFactor * straightKm;
  const arrivalPercent = percentAfterDrive(request, km);
  const wantedPercent = request.targetPercent - arrivalPercent;
  if (arrivalPercent < travel.reservePercent || wantedPercent <= 0) return undefined;
  const targetPercent = Math.max(request.leastPercent, arrivalPercent + energyShare * wantedPercent);
  const { capacityKwh, maxPowerKw } = request;
  const charger = { capacityKwh, maxPowerKw: Math.min(maxPowerKw, connector.powerKw) };
  return {
    km,
    arriveMs: Math.max(request.earliestMs, nowMs + Math.ceil((km / travel.speedKmh) * 3_600_000)),
    targetPercent,
    kwh: ((targetPercent - arrivalPercent) / 100) * capacityKwh,
    chargeMs: Math.ceil(secondsToCharge(arrivalPercent, targetPercent, charger) * 1000),
  };
}
