import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ChargeRequest,
  ConnectorCalendar,
  type HerdMatch,
  MOST_PER_HOUR,
  matchHerd,
  type OpenConnector,
  visitTo,
} from "../../src/index.ts";
import { anyHerd, HOUR_MS, NOW_MS, TERMS } from "./herds.ts";

/** By how much less all costs of a car count to which an hour is worth more than it may count for. */
const scaleOf = ({ valuePerHour }: ChargeRequest) => Math.min(1, MOST_PER_HOUR / valuePerHour);

/** What nobody has after a match, connector by connector. */
function leftBy({ matches }: HerdMatch, connectors: readonly OpenConnector[]): OpenConnector[] {
  return connectors.map((open) => {
    const own = matches.filter(({ connector }) => connector === open.connector);
    const slots = own.map(({ request, startMs, endMs }) => ({ id: request.carId, startMs, endMs }));
    return { ...open, calendar: new ConnectorCalendar([...open.calendar.entries, ...slots]) };
  });
}

/** The costs of all slots that a car may be told of: of each kind of connector the soonest, now and when cheapest. */
function costsOfAll(request: ChargeRequest, left: readonly OpenConnector[]): number[] {
  const kinds = Map.groupBy(left, ({ connector: { stationId, powerKw, type } }) => [stationId, powerKw, type].join());
  return [...kinds.values()].flatMap((kind) => {
    const { connector, tariff } = kind[0] as OpenConnector;
    const visit = visitTo(request, connector, TERMS.travel, NOW_MS, tariff.energyShare);
    if (visit === undefined) return [];
    const { arriveMs, chargeMs, kwh } = visit;
    const soonest = (fromMs: number) => {
      return Math.min(...kind.map((open) => affordableStart(open, fromMs, chargeMs, request.maxPricePerKwh)));
    };
    const starts = new Set([arriveMs, Math.max(arriveMs, tariff.cheapestFromMs)].map(soonest));
    return [...starts].flatMap((startMs) => {
      const endMs = startMs + chargeMs;
      const isInTime = endMs <= request.latestMs && startMs <= arriveMs + request.maxWaitMs;
      if (!isInTime || startMs === Number.POSITIVE_INFINITY) return [];
      const hours = (endMs - NOW_MS) / HOUR_MS;
      const time = hours + TERMS.quadraticPerHour * ((endMs - request.askedAtMs) / HOUR_MS) ** 2;
      return [(kwh * tariff.pricePerKwhBetween(startMs, endMs) + request.valuePerHour * time) * scaleOf(request)];
    });
  });
}

function affordableStart({ calendar, tariff }: OpenConnector, fromMs: number, chargeMs: number, limit: number): number {
  const freeMs = calendar.earliestStartMs(fromMs, chargeMs);
  const affordableMs = tariff.affordableStartMs(freeMs, chargeMs, limit);
  const isFree = affordableMs === freeMs || affordableMs === Number.POSITIVE_INFINITY;
  return isFree ? affordableMs : affordableStart({ calendar, tariff } as OpenConnector, affordableMs, chargeMs, limit);
}

test("a car is told of the cheapest of all slots that are left", () => {
  fc.assert(
    fc.property(anyHerd, ({ requests, connectors, terms }) => {
      const match = matchHerd(requests, connectors, { ...terms, candidates: 100 });
      const left = leftBy(match, connectors);
      for (const { request, alternatives } of match.matches) {
        const told = alternatives.map(({ endMs, kwh, pricePerKwh }) => {
          const time = (endMs - NOW_MS) / HOUR_MS;
          const since = (endMs - request.askedAtMs) / HOUR_MS;
          const forTime = request.valuePerHour * (time + TERMS.quadraticPerHour * since ** 2);
          return (kwh * pricePerKwh + forTime) * scaleOf(request);
        });
        const all = costsOfAll(request, left).sort((a, b) => a - b);
        expect(told.map((cost) => cost.toFixed(6))).toEqual(all.slice(0, 3).map((cost) => cost.toFixed(6)));
      }
    }),
  );
});
