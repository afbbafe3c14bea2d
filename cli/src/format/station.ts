import { ConnectorStatus, type Station__Output } from "@greenlane/contracts";
import { rateText } from "./booking.ts";
import { instant, span } from "./time.ts";

export type Connector = Station__Output["connectors"][number];

/** What its connectors do at a moment: each is counted in one of the first three at the most. */
export interface Occupancy {
  /** Somebody has it now. */
  inUse: number;
  /** Free now, and booked or held later. */
  bookedNext: number;
  outOfOrder: number;
  connectors: number;
}

export function occupancyOf({ connectors }: Station__Output, nowMs: number): Occupancy {
  const count: Occupancy = { inUse: 0, bookedNext: 0, outOfOrder: 0, connectors: connectors.length };
  for (const { status, taken } of connectors) {
    if (taken.some(({ start, end, held }) => !held && start <= nowMs && end > nowMs)) count.inUse++;
    else if (status === ConnectorStatus.OUT_OF_ORDER) count.outOfOrder++;
    else if (taken.some(({ end }) => end > nowMs)) count.bookedNext++;
  }
  return count;
}

/** What a station asks for a kWh now; undefined when nothing is to be had. */
export const priceOf = ({ price_per_kwh }: Station__Output) => (price_per_kwh === 0 ? undefined : price_per_kwh);

/** When a connector is free for half an hour, Unix ms; undefined when none ever is. */
export const nextFreeOf = ({ next_free }: Station__Output) => (next_free > 0 ? next_free : undefined);

export const priceText = (price: number | undefined) => (price === undefined ? "none" : rateText(price));

/** A moment ahead. */
export function nextFreeText(nextFreeMs: number | undefined, nowMs: number): string {
  if (nextFreeMs === undefined) return "never";
  return nextFreeMs <= nowMs ? "now" : `${instant(nextFreeMs)}, in ${span(nextFreeMs - nowMs)}`;
}

/** A station with the wire's names, its occupancy counted. */
export function stationJson(station: Station__Output, nowMs: number): object {
  const { inUse, bookedNext, outOfOrder, connectors } = occupancyOf(station, nowMs);
  return {
    station_id: station.station_id,
    name: station.name,
    lat: station.latitude,
    lon: station.longitude,
    in_use: inUse,
    booked_next: bookedNext,
    out_of_order: outOfOrder,
    connectors,
    price_per_kwh: priceOf(station) ?? null,
    next_free: nextFreeOf(station) ?? null,
  };
}

export const STATION_JSON =
  "station_id, name, lat, lon, in_use, booked_next, out_of_order, connectors, price_per_kwh|null, next_free|null";

export const connectorStatusText = ({ status }: Pick<Connector, "status">) =>
  status === ConnectorStatus.OUT_OF_ORDER ? "out of order" : "available";
