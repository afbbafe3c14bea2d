import {
  type ChargeRequest,
  type Connector,
  ConnectorCalendar,
  type Travel,
  type Visit,
  visitTo,
} from "@greenlane/domain";
import type { Herd } from "./herd.ts";

/** When a herd asks. */
export const NOW_MS = 0;

/** A connector of a herd's stations. */
export interface Plug {
  connector: Connector;
  calendar: ConnectorCalendar;
}

export function plugsOf({ stations }: Herd): Plug[] {
  return stations.flatMap(({ stationId, at, connectors }) =>
    connectors.map(({ connectorId, powerKw }) => ({
      connector: { connectorId, stationId, at, powerKw, type: "CCS" },
      calendar: new ConnectorCalendar(),
    })),
  );
}

/** What the cars of a herd ask for: all of it, whenever it is. The drive costs time only. */
export function requestsOf({ cars, targetPercent }: Herd): ChargeRequest[] {
  return cars.map(({ carId, at, batteryPercent, capacityKwh }) => ({
    requestId: carId,
    carId,
    askedAtMs: NOW_MS,
    at,
    batteryPercent,
    capacityKwh,
    kwhPerKm: 0,
    targetPercent,
    leastPercent: targetPercent,
    maxPowerKw: Number.POSITIVE_INFINITY,
    connectorTypes: [],
    earliestMs: NOW_MS,
    latestMs: Number.POSITIVE_INFINITY,
    maxWaitMs: Number.POSITIVE_INFINITY,
    valuePerHour: 1,
    maxPricePerKwh: Number.POSITIVE_INFINITY,
  }));
}

export const travelOf = ({ roadFactor, speedKmh }: Herd): Travel => ({ roadFactor, speedKmh, reservePercent: 0 });

/** @throws RangeError when a car of the herd cannot charge there: in a herd, each can everywhere */
export function visitOf(herd: Herd, request: ChargeRequest, connector: Connector): Visit {
  const visit = visitTo(request, connector, travelOf(herd), NOW_MS);
  if (visit === undefined) throw new RangeError(`${request.carId} cannot charge at ${connector.stationId}`);
  return visit;
}
