import { matchHerd } from "@greenlane/domain";
import { expect, test } from "vitest";
import { warmUp } from "../src/warmUp.ts";

const NOW_MS = Date.UTC(2026, 6, 1, 17);

test("the herds that are matched before the first real one are like real ones: all of their cars get slots", () => {
  const left = { herds: 0, cars: 0, unmatched: 0 };
  warmUp((requests, connectors) => {
    const { unmatched } = matchHerd(requests, connectors, {
      nowMs: NOW_MS,
      travel: { roadFactor: 1.3, speedKmh: 30, reservePercent: 2 },
      candidates: 16,
      quadraticPerHour: 0.02,
      trials: 0,
      seed: 1,
    });
    left.herds++;
    left.cars += requests.length;
    left.unmatched += unmatched.length;
  }, NOW_MS);
  expect(left.herds).toBeGreaterThan(10);
  expect(left.unmatched).toBe(0);
});
