import {
  type ChargeRequest,
  type Connector,
  ConnectorCalendar,
  matchHerd,
  type OpenConnector,
  QUADRATIC_PER_HOUR,
  stationTariff,
  type Visit,
} from "@greenlane/domain";
import type { Herd } from "./herd.ts";
import type { HerdSlot } from "./outcome.ts";
import { NOW_MS, type Plug, plugsOf, requestsOf, travelOf, visitOf } from "./requests.ts";

/** How a herd comes to its energy. */
export interface HerdPolicy {
  name: string;
  /** A slot for each car. @param seed of what is left to chance */
  charge(herd: Herd, seed: number): HerdSlot[];
}

const MIN_MS = 60_000;

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
        const visit = visitOf(herd, request, plug.connector);
        const startMs = plug.calendar.earliestStartMs(visit.arriveMs, visit.chargeMs);
        return { plug, visit, startMs, endMs: startMs + visit.chargeMs };
      });
      const { plug, visit, startMs, endMs } = leastOf(options, (option) => option.endMs);
      plug.calendar.insert({ id: request.carId, startMs, endMs });
      return slotOf(request, plug.connector, visit, startMs);
    });
  },
};

/** Search trials a car: more hardly improves the outcome. */
const TRIALS_PER_CAR = 30;

/** All together: regret insertion and local search. */
export const negotiated: HerdPolicy = {
  name: "negotiated",
  charge: (herd, seed) => {
    const plugs = plugsOf(herd);
    const tariff = stationTariff(NOW_MS, 0, () => 0, [new ConnectorCalendar()]);
    const open = plugs.map((plug): OpenConnector => ({ ...plug, tariff }));
    const { matches } = matchHerd(requestsOf(herd), open, {
      nowMs: NOW_MS,
      travel: travelOf(herd),
      candidates: herd.stations.length,
      quadraticPerHour: QUADRATIC_PER_HOUR,
      trials: TRIALS_PER_CAR * herd.cars.length,
      seed,
    });
    return matches.map(({ request, connector, startMs }) => {
      return slotOf(request, connector, visitOf(herd, request, connector), startMs);
    });
  },
};

function slotOf(request: ChargeRequest, connector: Connector, visit: Visit, startMs: number): HerdSlot {
  return {
    carId: request.carId,
    stationId: connector.stationId,
    connectorId: connector.connectorId,
    km: visit.km,
    arriveMin: visit.arriveMs / MIN_MS,
    startMin: startMs / MIN_MS,
    endMin: (startMs + visit.chargeMs) / MIN_MS,
    kwh: visit.kwh,
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
    const options = crowds.map((crowd) => ({ crowd, visit: visitOf(herd, request, (crowd.own[0] as Plug).connector) }));
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
        return slotOf(request, plug.connector, visit, startMs);
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
