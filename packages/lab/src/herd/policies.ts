import {
  ConnectorCalendar,
  type ChargeRequest,
  type Connector,
  matchHerd,
  type OpenConnector,
  stationTariff,
  type Visit,
  visitTo,
} from "@greenlane/domain";
import { HERD, type Herd, type HerdStation } from "./herd.ts";
import type { HerdSlot } from "./outcome.ts";

/** How a herd comes to its energy. */
export interface HerdPolicy {
  name: string;
  /** A slot for each car. @param seed of what is left to chance */
  charge(herd: Herd, seed: number): HerdSlot[];
}

const MIN_MS = 60_000;
const NOW_MS = 0;

/** Each to its nearest station, where they queue as they arrive. */
export const nearestStation: HerdPolicy = {
  name: "nearest",
  charge: (herd) => queueUp(herd, ({ km }) => km),
};

/** Each, as it asks, to the least distance × (1 + cars on their way there or queueing / connectors). */
export const shortestQueue: HerdPolicy = {
  name: "shortest-queue",
  charge: (herd) => queueUp(herd, ({ km }, { cars, connectors }) => km * (1 + cars / connectors)),
};

/** Each, as it asks, to where drive, queue and charging take the least time, the queue as long as all that chose it. */
export const minTotalTime: HerdPolicy = {
  name: "min-total-time",
  charge: (herd) =>
    queueUp(herd, ({ arriveMs, chargeMs }, { queuedMs, connectors }) => {
      return Math.max(arriveMs, queuedMs / connectors) + chargeMs;
    }),
};

/** Each, as it asks, books the slot at which it is charged earliest; none ever moves. */
export const firstComeFirstServed: HerdPolicy = {
  name: "first-come",
  charge: (herd) => {
    const plugs = plugsOf(herd);
    return requestsOf(herd).map((request) => {
      const options = plugs.map((plug) => {
        const visit = visitOf(request, plug.connector);
        const startMs = plug.calendar.earliestStartMs(visit.arriveMs, visit.chargeMs);
        return { plug, visit, startMs, endMs: startMs + visit.chargeMs };
      });
      const { plug, visit, startMs, endMs } = leastOf(options, (option) => option.endMs);
      plug.calendar.insert({ id: request.carId, startMs, endMs });
      return slotOf(request, plug, visit, startMs);
    });
  },
};

/** Search trials a car: more hardly improves the outcome. */
const TRIALS_PER_CAR = Number(process.env.TR ?? 200);
/** Costs nothing of the mean and takes the edge off the longest. */
const QUADRATIC_PER_HOUR = Number(process.env.QU ?? 0.02);

/** All together: regret insertion and local search. */
export const negotiated: HerdPolicy = {
  name: "negotiated",
  charge: (herd, seed) => {
    const plugs = plugsOf(herd);
    const tariff = stationTariff(NOW_MS, 0, () => 0, [new ConnectorCalendar()]);
    const open = plugs.map((plug): OpenConnector => ({ ...plug, tariff }));
    const { matches } = matchHerd(requestsOf(herd), open, {
      nowMs: NOW_MS,
      travel: HERD.travel,
      candidates: herd.stations.length,
      quadraticPerHour: QUADRATIC_PER_HOUR,
      trials: TRIALS_PER_CAR * herd.cars.length,
      seed,
    });
    const plugOf = new Map(plugs.map((plug) => [plug.connector.connectorId, plug]));
    return matches.map(({ request, connector, startMs }) => {
      return slotOf(request, plugOf.get(connector.connectorId) as Plug, visitOf(request, connector), startMs);
    });
  },
};

interface Plug {
  connector: Connector;
  /** From 0, at its station. */
  number: number;
  calendar: ConnectorCalendar;
}

function plugsOf({ stations }: Herd): Plug[] {
  return stations.flatMap((station) =>
    Array.from({ length: station.connectors }, (_, number) => ({
      connector: connectorOf(station, number),
      number,
      calendar: new ConnectorCalendar(),
    })),
  );
}

function connectorOf({ stationId, at }: HerdStation, number: number): Connector {
  return { connectorId: `${stationId}/${number + 1}`, stationId, at, powerKw: HERD.powerKw, type: "CCS" };
}

function requestsOf({ cars }: Herd): ChargeRequest[] {
  const { capacityKwh, kwhPerKm, targetPercent, powerKw } = HERD;
  return cars.map(({ carId, at, batteryPercent }) => ({
    requestId: carId,
    carId,
    askedAtMs: NOW_MS,
    at,
    batteryPercent,
    capacityKwh,
    kwhPerKm,
    targetPercent,
    maxPowerKw: powerKw,
    connectorTypes: [],
    earliestMs: NOW_MS,
    latestMs: Number.POSITIVE_INFINITY,
    maxWaitMs: Number.POSITIVE_INFINITY,
    valuePerHour: 1,
    maxPricePerKwh: Number.POSITIVE_INFINITY,
  }));
}

/** @throws RangeError when a car of the herd cannot charge there: in a herd, each can everywhere */
export function visitOf(request: ChargeRequest, connector: Connector): Visit {
  const visit = visitTo(request, connector, HERD.travel, NOW_MS);
  if (visit === undefined) throw new RangeError(`${request.carId} cannot charge at ${connector.stationId}`);
  return visit;
}

function slotOf(request: ChargeRequest, plug: Plug, visit: Visit, startMs: number): HerdSlot {
  return {
    carId: request.carId,
    stationId: plug.connector.stationId,
    connector: plug.number,
    km: visit.km,
    arriveMin: visit.arriveMs / MIN_MS,
    startMin: startMs / MIN_MS,
    endMin: (startMs + visit.chargeMs) / MIN_MS,
  };
}

/** What is known of a station when a car chooses. */
interface Crowd {
  connectors: number;
  /** That chose it. */
  cars: number;
  /** Charging time of those. */
  queuedMs: number;
}

/** Each car goes to the station of least cost; at each, they are served in the order in which they arrive. */
function queueUp(herd: Herd, cost: (visit: Visit, crowd: Crowd) => number): HerdSlot[] {
  const plugs = Map.groupBy(plugsOf(herd), ({ connector }) => connector.stationId);
  const crowds = [...plugs].map(([stationId, own]) => {
    const arrivals: { request: ChargeRequest; visit: Visit }[] = [];
    return { stationId, own, arrivals, connectors: own.length, cars: 0, queuedMs: 0 };
  });
  for (const request of requestsOf(herd)) {
    const options = crowds.map((crowd) => ({ crowd, visit: visitOf(request, (crowd.own[0] as Plug).connector) }));
    const { crowd, visit } = leastOf(options, (option) => cost(option.visit, option.crowd));
    crowd.arrivals.push({ request, visit });
    crowd.cars++;
    crowd.queuedMs += visit.chargeMs;
  }
  return crowds.flatMap(({ own, arrivals }) => {
    const freeMs = new Map(own.map((plug) => [plug, NOW_MS]));
    return arrivals
      .sort((a, b) => a.visit.arriveMs - b.visit.arriveMs)
      .map(({ request, visit }) => {
        const plug = leastOf(own, (option) => freeMs.get(option) ?? NOW_MS);
        const startMs = Math.max(visit.arriveMs, freeMs.get(plug) ?? NOW_MS);
        freeMs.set(plug, startMs + visit.chargeMs);
        return slotOf(request, plug, visit, startMs);
      });
  });
}

/** The first of those with the least cost. @throws RangeError when there is none */
function leastOf<Item>(items: readonly Item[], cost: (item: Item) => number): Item {
  const costs = items.map(cost);
  const least = items[costs.indexOf(Math.min(...costs))];
  if (least === undefined) throw new RangeError("there is nothing to choose from");
  return least;
}
