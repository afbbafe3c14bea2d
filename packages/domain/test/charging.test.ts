import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chargingPowerKw, percentAfterCharging, secondsToCharge } from "../src/index.ts";

const percent = fc.double({ min: 0, max: 100, noNaN: true });
const seconds = fc.double({ min: 0, max: 10_000, noNaN: true });
const charger = fc.record({
  capacityKwh: fc.double({ min: 10, max: 200, noNaN: true }),
  maxPowerKw: fc.double({ min: 3, max: 350, noNaN: true }),
});

test("a battery takes full power to 80 %, then ever less, and none when it is full", () => {
  expect(chargingPowerKw(80, 50)).toBe(50);
  expect(chargingPowerKw(90, 50)).toBeCloseTo(27.5, 9);
  expect(chargingPowerKw(100, 50)).toBe(0);
});

test("the fuller the battery, the less power it takes, and never more than there is", () => {
  fc.assert(
    fc.property(percent, percent, fc.double({ min: 0, max: 350, noNaN: true }), (a, b, maxPowerKw) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      expect(chargingPowerKw(more, maxPowerKw)).toBeLessThanOrEqual(chargingPowerKw(less, maxPowerKw));
      expect(chargingPowerKw(less, maxPowerKw)).toBeLessThanOrEqual(maxPowerKw);
      expect(chargingPowerKw(less, maxPowerKw)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("the power changes without a jump, at 80 % too, until the battery is full", () => {
  /** The taper loses nine tenths of the power over 20 %. */
  const steepestPerPercent = 0.9 / 20;
  const nearTheBend = fc.double({ min: 79, max: 81, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(percent, nearTheBend), fc.double({ min: 1e-6, max: 1, noNaN: true }), (from, step) => {
      fc.pre(from + step < 100);
      const change = chargingPowerKw(from, 1) - chargingPowerKw(from + step, 1);
      expect(change).toBeLessThanOrEqual(steepestPerPercent * step + 1e-9);
    }),
  );
});

test("the energy of all moments adds up to a full battery, in the time foretold", () => {
  const battery = { capacityKwh: 50, maxPowerKw: 50 };
  let kwh = 0;
  let elapsedS = 0;
  for (let charge = 0; kwh < battery.capacityKwh && elapsedS < 36_000; elapsedS++) {
    kwh += chargingPowerKw(charge, battery.maxPowerKw) / 3600;
    charge = (kwh / battery.capacityKwh) * 100;
  }
  expect(kwh).toBeCloseTo(battery.capacityKwh, 2);
  expect(Math.abs(elapsedS - secondsToCharge(0, 100, battery))).toBeLessThan(5);
  expect(secondsToCharge(0, 80, battery)).toBeCloseTo(0.8 * 3600, 9);
});

test("charging for a while and then for another is charging for both together", () => {
  fc.assert(
    fc.property(percent, seconds, seconds, charger, (from, first, second, on) => {
      const inTwo = percentAfterCharging(percentAfterCharging(from, first, on), second, on);
      expect(inTwo).toBeCloseTo(percentAfterCharging(from, first + second, on), 6);
      expect(inTwo).toBeGreaterThanOrEqual(from - 1e-9);
      expect(inTwo).toBeLessThanOrEqual(100);
    }),
  );
});

test("a battery is as full as it was to be after the time that this was to take", () => {
  fc.assert(
    fc.property(percent, percent, charger, (a, b, on) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      expect(percentAfterCharging(from, secondsToCharge(from, to, on), on)).toBeCloseTo(to, 6);
    }),
  );
});
