import { expect, test } from "vitest";
import { estimate, studentT975 } from "../../src/index.ts";

test("the 95 % interval of a mean is Student's", () => {
  const { mean, halfWidth } = estimate([4, 6, 8, 10]);
  expect(mean).toBe(7);
  // The standard deviation is √(20 / 3); t of three degrees of freedom is 3.182.
  expect(halfWidth).toBeCloseTo(3.182 * Math.sqrt(20 / 3 / 4), 6);
});

test("a single run says nothing about its chance", () => {
  expect(estimate([5])).toEqual({ mean: 5, halfWidth: Number.NaN });
});

test.each([
  [1, 12.706],
  [9, 2.262],
  [30, 2.042],
  [31, 2.04],
  [60, 2],
  [120, 1.98],
])("Student's t of %i degrees of freedom is that of the tables", (degrees, value) => {
  expect(studentT975(degrees)).toBeCloseTo(value, 2);
});
