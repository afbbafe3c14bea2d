import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ChargeOption,
  type ChargeRequest,
  type HerdMatch,
  MOST_PER_HOUR,
  matchHerd,
  type OpenConnector,
  oneRequestPerCar,
  StationTariff,
  visitTo,
} from "../../src/index.ts";
import { anyHerd, CENTRE, flat, HOUR_MS, NOW_MS, open, request, TERMS } from "./herds.ts";

const overlaps = (a: { startMs: number; endMs: number }, b: { startMs: number; endMs: number }) =>
  a.startMs < b.endMs && b.startMs < a.endMs;

/** What is taken of a connector before the match. */
const taken = (connectors: readonly OpenConnector[], option: ChargeOption) =>
  connectors.filter((open) => open.connector === option.connector).flatMap(({ calendar }) => calendar.entries);

test("no slot overlaps another, nor what was taken before", () => {
  fc.assert(
    fc.property(anyHerd, ({ requests, connectors, terms }) => {
      const { matches } = matchHerd(requests, connectors, terms);
      matches.forEach((match, n) => {
        const others = matches.slice(n + 1).filter((other) => other.connector === match.connector);
        for (const option of [match, ...match.alternatives]) {
          expect(taken(connectors, option).filter((entry) => overlaps(entry, option))).toEqual([]);
        }
        expect(others.filter((other) => overlaps(other, match))).toEqual([]);
      });
    }),
  );
});

test("a car that considers few stations sees past those nearby that are full", () => {
  const inRow = Array.from({ length: 8 }, (_, n) => {
    const at = { ...CENTRE, longitude: CENTRE.longitude + n * 0.01 };
    return { stationId: `station ${n}`, connectorId: `connector ${n}`, at };
  });
  const connectors = open(...inRow);
  for (const { calendar } of connectors.slice(0, 7)) {
    calendar.insert({ id: "others", startMs: NOW_MS, endMs: NOW_MS + 10 * HOUR_MS });
  }
  const { matches } = matchHerd([request()], connectors, { ...TERMS, candidates: 4 });
  expect(matches[0]?.connector.stationId).toBe("station 7");
});

test("a car's alternatives are other slots, the cheapest first, and overlap nobody's", () => {
  fc.assert(
    fc.property(anyHerd, ({ requests, connectors, terms }) => {
      const { matches } = matchHerd(requests, connectors, terms);
      for (const { request, alternatives } of matches) {
        expect(alternatives.length).toBeLessThanOrEqual(3);
        const costs = alternatives.map((option) => Number(slotCost(request, option).toFixed(9)));
        expect(costs).toEqual(costs.toSorted((a, b) => a - b));
        for (const option of alternatives) {
          const there = matches.filter((other) => other.connector === option.connector);
          expect(there.filter((other) => overlaps(other, option))).toEqual([]);
        }
      }
    }),
  );
});

/** What a slot breaks of a car's limits. */
function broken(request: ChargeRequest, option: ChargeOption, energyShare: number): string[] {
  const visit = visitTo(request, option.connector, TERMS.travel, NOW_MS, energyShare);
  if (visit === undefined) return ["reach, plug or station"];
  const limits = {
    arrival: option.startMs >= option.arriveMs && option.arriveMs === visit.arriveMs,
    earliest: option.startMs >= request.earliestMs && option.startMs >= NOW_MS,
    latest: option.endMs <= request.latestMs,
    wait: option.startMs - option.arriveMs <= request.maxWaitMs,
    price: option.pricePerKwh <= request.maxPricePerKwh,
    energy: option.kwh === visit.kwh && option.targetPercent >= request.leastPercent,
    length: option.endMs - option.startMs === visit.chargeMs,
  };
  return Object.entries(limits).flatMap(([limit, holds]) => (holds ? [] : [limit]));
}

test("no slot breaks a limit of its car, nor does an alternative", () => {
  fc.assert(
    fc.property(anyHerd, ({ requests, connectors, terms }) => {
      for (const match of matchHerd(requests, connectors, terms).matches) {
        for (const option of [match, ...match.alternatives]) {
          const { tariff } = connectors.find((open) => open.connector === option.connector) as OpenConnector;
          expect(broken(match.request, option, tariff.energyShare)).toEqual([]);
          expect(option.pricePerKwh).toBe(tariff.pricePerKwh(option));
        }
      }
    }),
  );
});

test("each car is answered once: by a slot, or by none", () => {
  fc.assert(
    fc.property(anyHerd, ({ requests, connectors, terms }) => {
      const { matches, unmatched } = matchHerd(requests, connectors, terms);
      const answered = [...matches.map(({ request }) => request), ...unmatched];
      expect(new Set(answered)).toEqual(new Set(oneRequestPerCar(requests)));
      expect(answered.length).toBe(new Set(requests.map(({ carId }) => carId)).size);
    }),
  );
});

test("the same seed gives the same match", () => {
  fc.assert(
    fc.property(anyHerd, ({ requests, connectors, terms }) => {
      expect(matchHerd(requests, connectors, terms)).toEqual(matchHerd(requests, connectors, terms));
    }),
  );
});

const hoursFrom = (fromMs: number, untilMs: number) => (untilMs - fromMs) / HOUR_MS;

/** What a slot costs a car, dollars, as `matchHerd` weighs it. */
function slotCost({ askedAtMs, valuePerHour }: ChargeRequest, { endMs, kwh, pricePerKwh }: ChargeOption): number {
  const time = hoursFrom(NOW_MS, endMs) + TERMS.quadraticPerHour * hoursFrom(askedAtMs, endMs) ** 2;
  return (kwh * pricePerKwh + valuePerHour * time) * Math.min(1, MOST_PER_HOUR / valuePerHour);
}

/** What a match costs all its cars, dollars. */
function costOf({ matches, unmatched }: HerdMatch): number {
  const refused = unmatched.map(({ askedAtMs }) => 1e6 * (1 + hoursFrom(askedAtMs, NOW_MS)));
  return [...matches.map((match) => slotCost(match.request, match)), ...refused].reduce((sum, cost) => sum + cost, 0);
}

test("the search never makes a plan worse", () => {
  fc.assert(
    fc.property(anyHerd, ({ requests, connectors, terms }) => {
      const costAfter = (trials: number) => costOf(matchHerd(requests, connectors, { ...terms, trials }));
      expect(costAfter(60)).toBeLessThanOrEqual(costAfter(0) + 1e-4);
    }),
  );
});

test("a search that may not go on leaves the plan as it was built", () => {
  const herd = Array.from({ length: 30 }, (_, n) => request({ carId: `car-${n}`, batteryPercent: 10 + n }));
  const connectors = open({ connectorId: "a" }, { connectorId: "b" });
  let asked = 0;
  const mayGoOn = () => {
    asked++;
    return false;
  };
  const stopped = matchHerd(herd, connectors, { ...TERMS, trials: 100_000, mayGoOn });
  expect(stopped).toEqual(matchHerd(herd, connectors, { ...TERMS, trials: 0 }));
  expect(asked).toBe(1);
});

test("a car that would wait longer than it likes gets no slot rather than that", () => {
  const connectors = open({});
  const cars = ["one", "other"].map((carId) => request({ carId, maxWaitMs: 29 * 60_000 }));
  const { matches, unmatched } = matchHerd(cars, connectors, TERMS);
  expect([matches.length, unmatched.length]).toEqual([1, 1]);
  const patient = cars.map((car) => ({ ...car, maxWaitMs: 30 * 60_000 }));
  expect(matchHerd(patient, connectors, TERMS).matches.length).toBe(2);
});

test("a car that would wait too long at the near station takes the far one", () => {
  const far = { latitude: 40.8, longitude: -73.98 };
  const connectors = open({}, { connectorId: "far", stationId: "far", at: far });
  const cars = ["one", "other"].map((carId) => request({ carId, maxWaitMs: 0 }));
  const stations = matchHerd(cars, connectors, TERMS).matches.map((match) => match.connector.stationId);
  expect(stations.sort()).toEqual(["far", "station"]);
});

test("a crowded station sells a part, never less than the car accepts", () => {
  const crowded: OpenConnector[] = open({}).map((open) => ({ ...open, tariff: flat(0.2, 0.5) }));
  const targets = [0, 70, 80].map((leastPercent) => {
    const { matches } = matchHerd([request({ leastPercent })], crowded, TERMS);
    return matches.map(({ targetPercent, kwh, startMs, endMs }) => [targetPercent, kwh, (endMs - startMs) / 60_000]);
  });
  expect(targets).toEqual([[[60, 12, 15]], [[70, 18, 22.5]], [[80, 24, 30]]]);
});

test("a car that names a station goes to that or to none", () => {
  const connectors = open({ stationId: "named", connectorId: "named" }, { stationId: "free" });
  const cars = ["one", "other"].map((carId) => request({ carId, stationIds: ["named"], maxWaitMs: 0 }));
  const { matches, unmatched } = matchHerd(cars, connectors, { ...TERMS, alternatives: 4 });
  expect(matches.map(({ connector }) => connector.stationId)).toEqual(["named"]);
  expect(matches.flatMap(({ alternatives }) => alternatives)).toEqual([]);
  expect(unmatched.length).toBe(1);
});

test("a car that does not pay the price of now gets the first slot that it pays", () => {
  const tariff = new StationTariff(NOW_MS, Float64Array.of(0.5, 0.5, 0.25, 0.125, 0.125));
  const falling = open({}).map((free) => ({ ...free, tariff }));
  const { matches } = matchHerd([request({ maxPricePerKwh: 0.1875 })], falling, TERMS);
  expect(matches.map(({ startMs, pricePerKwh }) => [(startMs - NOW_MS) / 60_000, pricePerKwh])).toEqual([[30, 0.1875]]);
});
