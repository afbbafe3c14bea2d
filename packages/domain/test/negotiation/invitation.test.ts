import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  type CallingConnector,
  type Drive,
  type IdleCar,
  INVITATION,
  type Invitation,
  invite,
} from "../../src/index.ts";

const MIN_MS = 60_000;
const HOUR_MS = 60 * MIN_MS;
const NOW_MS = Date.UTC(2026, 10, 24, 12);
const KM_PER_MIN = 0.5;

const TAXI: IdleCar = {
  kwh: 20,
  capacityKwh: 62,
  floorKwh: 6.2,
  lowKwh: 12.4,
  ceilingKwh: 49.6,
  kwhPerKm: 0.25,
  maxPowerKw: 100,
  useKw: 5,
  serviceEndMs: NOW_MS + 24 * HOUR_MS,
  placeWorthKwh: 0,
};
const FAST: CallingConnector = { stationId: "fast", powerKw: 50, freeMs: NOW_MS, placeWorthKwh: 0 };
const SLOW: CallingConnector = { stationId: "slow", powerKw: 11, freeMs: NOW_MS, placeWorthKwh: 0 };

const away = (km: number): Drive => ({ km, ms: (km / KM_PER_MIN) * MIN_MS });

/** All as far from each other, when no distances are given. */
const call = (cars: IdleCar[], connectors: CallingConnector[], kms: number[][] = []): Invitation[] =>
  invite(NOW_MS, cars, connectors, (car, connector) => away(kms[car]?.[connector] ?? 1));

const called = (invitations: Invitation[]) => invitations.map(({ car }) => car);

test("of cars as far away the emptiest is called", () => {
  const cars = [30, 8, 20].map((kwh) => ({ ...TAXI, kwh }));
  expect(called(call(cars, [FAST]))).toEqual([1]);
});

test("of cars as empty the nearest is called", () => {
  expect(called(call([TAXI, TAXI, TAXI], [FAST], [[4], [2], [3]]))).toEqual([1]);
});

test("of cars alike the one is called that stands where it is wanted least", () => {
  const cars = [3, 1, 2].map((placeWorthKwh) => ({ ...TAXI, placeWorthKwh }));
  expect(called(call(cars, [FAST]))).toEqual([1]);
});

test("a car leaves so that it comes as the connector becomes free", () => {
  const freeMs = NOW_MS + 9 * MIN_MS;
  const [invitation] = call([TAXI], [{ ...FAST, freeMs }], [[2]]);
  expect(invitation?.startMs).toBe(freeMs);
  expect(invitation?.leaveMs).toBe(freeMs - 4 * MIN_MS);
});

test("nobody is called to a connector that is not free for long", () => {
  expect(call([TAXI], [{ ...FAST, freeMs: NOW_MS + 2 * HOUR_MS }])).toEqual([]);
});

test("a car is not called where it would come with less than the floor", () => {
  expect(call([{ ...TAXI, kwh: 7 }], [FAST], [[4]])).toEqual([]);
});

test("a car is not called that has enough for what is left of its service", () => {
  expect(call([{ ...TAXI, serviceEndMs: NOW_MS + HOUR_MS }], [FAST])).toEqual([]);
});

test("a car is not called to a plug that does not fit", () => {
  expect(invite(NOW_MS, [TAXI], [FAST], () => undefined)).toEqual([]);
});

test("the more cars wait for a station, the less energy it sells each", () => {
  const soldKwh = [1, 2, 4, 8, 16].map((waiting) => {
    const cars = Array.from({ length: waiting }, () => ({ ...TAXI, kwh: 9 }));
    return call(cars, [SLOW])[0]?.kwh ?? 0;
  });
  expect(soldKwh[0]).toBeCloseTo(11, 9);
  expect(soldKwh[1]).toBeCloseTo(11 / 2, 9);
  expect(soldKwh[2]).toBeCloseTo(11 / 4, 9);
  expect(soldKwh[4]).toBeCloseTo((11 * INVITATION.shortestMs) / HOUR_MS, 9);
});

test("cars that wait elsewhere shorten no session", () => {
  const cars = [TAXI, ...Array.from({ length: 9 }, () => ({ ...TAXI, kwh: 9 }))];
  const kms = [[1, 30], ...Array.from({ length: 9 }, () => [30, 1])];
  const sold = call(cars, [SLOW, { ...SLOW, stationId: "other" }], kms);
  expect(sold.find(({ car }) => car === 0)?.kwh).toBeCloseTo(11, 9);
});

const cars = fc.array(
  fc.record({
    kwh: fc.double({ min: 6.2, max: 62, noNaN: true }),
    placeWorthKwh: fc.double({ min: 0, max: 5, noNaN: true }),
    serviceEndMs: fc.integer({ min: 0, max: 12 }).map((hours) => NOW_MS + hours * HOUR_MS),
  }),
  { maxLength: 8 },
);
const connectors = fc.array(
  fc.record({
    stationId: fc.constantFrom("a", "b"),
    powerKw: fc.constantFrom(11, 50, 150),
    freeMs: fc.integer({ min: -10, max: 30 }).map((min) => NOW_MS + min * MIN_MS),
    placeWorthKwh: fc.double({ min: 0, max: 5, noNaN: true }),
  }),
  { maxLength: 6 },
);
const kms = fc.array(fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 6, maxLength: 6 }), {
  minLength: 8,
  maxLength: 8,
});

test("every invitation can be kept, and no car and no connector has two", () => {
  fc.assert(
    fc.property(cars, connectors, kms, (some, plugs, distances) => {
      const taxis = some.map((car) => ({ ...TAXI, ...car }));
      const invitations = call(taxis, plugs, distances);
      expect(new Set(invitations.map(({ car }) => car)).size).toBe(invitations.length);
      expect(new Set(invitations.map(({ connector }) => connector)).size).toBe(invitations.length);
      for (const { car, connector, leaveMs, startMs, endMs, kwh } of invitations) {
        const [taxi, plug, drive] = [taxis[car], plugs[connector], away(distances[car]?.[connector] ?? 1)];
        if (taxi === undefined || plug === undefined) throw new RangeError("an invitation is for those who were given");
        const arrivalKwh = taxi.kwh - taxi.kwhPerKm * drive.km;
        expect(arrivalKwh).toBeGreaterThanOrEqual(taxi.floorKwh);
        expect(arrivalKwh + kwh).toBeLessThanOrEqual(taxi.ceilingKwh + 1e-9);
        expect(leaveMs).toBeGreaterThanOrEqual(NOW_MS - 1e-3);
        expect(startMs).toBeGreaterThanOrEqual(plug.freeMs);
        expect(startMs - leaveMs).toBeCloseTo(drive.ms, 3);
        expect(endMs - startMs).toBeGreaterThanOrEqual(INVITATION.shortestMs - 1);
        expect((Math.min(plug.powerKw, taxi.maxPowerKw) * (endMs - startMs)) / HOUR_MS).toBeCloseTo(kwh, 6);
      }
    }),
  );
});
