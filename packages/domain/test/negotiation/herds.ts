import * as fc from "fast-check";
import {
  type ChargeRequest,
  type Connector,
  ConnectorCalendar,
  type MatchTerms,
  type OpenConnector,
  SETTLEMENT_INTERVAL_MS,
  StationTariff,
} from "../../src/index.ts";

export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;

/** When the herds of these tests ask, Unix ms: a quarter of an hour begins. */
export const NOW_MS = Date.UTC(2026, 6, 1, 17);

/** 13 km east of it, by straight line, is 0.154 degrees on this latitude. */
export const CENTRE = { latitude: 40.75, longitude: -73.98 };

export const TERMS: MatchTerms = {
  nowMs: NOW_MS,
  travel: { roadFactor: 1.3, speedKmh: 30, reservePercent: 3 },
  candidates: 10,
  quadraticPerHour: 0.02,
  trials: 200,
  seed: 1,
};

/** A patient car in the centre that wants 40 % of its 60 kWh, whatever the price. */
export function request(differences: Partial<ChargeRequest> = {}): ChargeRequest {
  return {
    requestId: `request of ${differences.carId ?? "car"}`,
    carId: "car",
    askedAtMs: NOW_MS,
    at: CENTRE,
    batteryPercent: 40,
    capacityKwh: 60,
    kwhPerKm: 0,
    targetPercent: 80,
    leastPercent: 80,
    maxPowerKw: 100,
    connectorTypes: [],
    earliestMs: NOW_MS,
    latestMs: Number.POSITIVE_INFINITY,
    maxWaitMs: Number.POSITIVE_INFINITY,
    valuePerHour: 10,
    maxPricePerKwh: Number.POSITIVE_INFINITY,
    ...differences,
  };
}

export function connector(differences: Partial<Connector> = {}): Connector {
  return { connectorId: "connector", stationId: "station", at: CENTRE, powerKw: 48, type: "CCS", ...differences };
}

export const flat = (pricePerKwh: number, energyShare = 1): StationTariff =>
  new StationTariff(NOW_MS, Float64Array.of(pricePerKwh), energyShare);

/** Free connectors at one price. */
export function open(...connectors: Partial<Connector>[]): OpenConnector[] {
  return connectors.map((differences) => ({
    connector: connector(differences),
    calendar: new ConnectorCalendar(),
    tariff: flat(0.2),
  }));
}

const place = fc.record({
  latitude: fc.double({ min: 40.7, max: 40.8, noNaN: true }),
  longitude: fc.double({ min: -74.03, max: -73.93, noNaN: true }),
});

const limit = <Value>(value: fc.Arbitrary<Value>, none: Value) => fc.option(value, { nil: none });

const anyRequest = fc
  .record({
    carId: fc.integer({ min: 1, max: 12 }).map((n) => `car-${n}`),
    requestId: fc.uuid(),
    askedAtMs: fc.integer({ min: NOW_MS - HOUR_MS, max: NOW_MS }),
    at: place,
    batteryPercent: fc.integer({ min: 2, max: 90 }),
    kwhPerKm: fc.constantFrom(0, 0.2),
    targetPercent: fc.integer({ min: 60, max: 95 }),
    leastPercent: fc.integer({ min: 0, max: 60 }),
    connectorTypes: fc.constantFrom([], ["CCS"], ["CCS", "CHAdeMO"]),
    stationIds: fc.constantFrom([], ["station-1"]),
    earliestMs: fc.integer({ min: NOW_MS - HOUR_MS, max: NOW_MS + HOUR_MS }),
    latestMs: limit(fc.integer({ min: NOW_MS, max: NOW_MS + 6 * HOUR_MS }), Number.POSITIVE_INFINITY),
    maxWaitMs: limit(fc.integer({ min: 0, max: 2 * HOUR_MS }), Number.POSITIVE_INFINITY),
    valuePerHour: fc.integer({ min: 0, max: 40 }),
    maxPricePerKwh: limit(fc.double({ min: 0.1, max: 0.5, noNaN: true }), Number.POSITIVE_INFINITY),
  })
  .map(request);

const anyStation = fc.record({
  at: place,
  powerKw: fc.constantFrom(11, 50, 150),
  types: fc.array(fc.constantFrom("CCS", "CHAdeMO"), { minLength: 1, maxLength: 3 }),
  prices: fc.array(fc.double({ min: 0.1, max: 0.5, noNaN: true }), { minLength: 1, maxLength: 12 }),
  energyShare: fc.double({ min: 0.5, max: 1, noNaN: true }),
  /** Minutes free and taken in turn. */
  stretches: fc.array(fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 1, max: 90 })), { maxLength: 5 }),
});

function calendarOf(stretches: [number, number][]): ConnectorCalendar {
  const calendar = new ConnectorCalendar();
  let atMs = NOW_MS - SETTLEMENT_INTERVAL_MS;
  stretches.forEach(([freeMin, takenMin], n) => {
    const startMs = atMs + freeMin * MINUTE_MS;
    atMs = startMs + takenMin * MINUTE_MS;
    calendar.insert({ id: `booking-${n}`, startMs, endMs: atMs });
  });
  return calendar;
}

const anyConnectors = fc.array(anyStation, { minLength: 1, maxLength: 4 }).map((stations) =>
  stations.flatMap(({ at, powerKw, types, prices, energyShare, stretches }, station) => {
    const tariff = new StationTariff(NOW_MS, Float64Array.from(prices), energyShare);
    return types.map((type, n) => ({
      connector: { connectorId: `${station}/${n}`, stationId: `station-${station}`, at, powerKw, type },
      calendar: calendarOf(n === 0 ? stretches : []),
      tariff,
    }));
  }),
);

/** Herds of all kinds: with limits or none, stations alike or not, their time free or taken. */
export const anyHerd = fc.record({
  requests: fc.array(anyRequest, { maxLength: 20 }),
  connectors: anyConnectors,
  terms: fc
    .record({ trials: fc.integer({ min: 0, max: 60 }), seed: fc.nat(), candidates: fc.integer({ min: 1, max: 5 }) })
    .map((differences): MatchTerms => ({ ...TERMS, alternatives: 3, ...differences })),
});
