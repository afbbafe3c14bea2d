import * as fc from "fast-check";
import { expect, test } from "vitest";
import { zonedClock } from "../src/index.ts";

const at = (timeZone: string, moment: string) => {
  const { weekday, hour, minute } = zonedClock(timeZone)(Date.parse(moment));
  return `${weekday} ${hour}:${String(minute).padStart(2, "0")}`;
};

test.each([
  ["UTC", "2026-06-15T00:00:00Z", "1 0:00"],
  ["America/New_York", "2026-06-15T03:59:59Z", "0 23:59"],
  ["America/New_York", "2026-06-15T04:00:00Z", "1 0:00"],
  ["Asia/Kolkata", "2026-06-15T00:00:00Z", "1 5:30"],
  ["Asia/Kathmandu", "2026-06-15T00:00:00Z", "1 5:45"],
  ["America/St_Johns", "2026-01-15T00:00:00Z", "3 20:30"],
  ["Pacific/Kiritimati", "2026-06-15T10:00:00Z", "2 0:00"],
])("the clock of %s at %s shows %s", (timeZone, moment, shown) => {
  expect(at(timeZone, moment)).toBe(shown);
});

test.each([
  ["America/New_York", "2026-03-08T06:59:59Z", "0 1:59", "2026-03-08T07:00:00Z", "0 3:00"],
  ["America/New_York", "2026-11-01T05:59:59Z", "0 1:59", "2026-11-01T06:00:00Z", "0 1:00"],
  ["Europe/Berlin", "2026-03-29T00:59:59Z", "0 1:59", "2026-03-29T01:00:00Z", "0 3:00"],
  ["Europe/Berlin", "2026-10-25T00:59:59Z", "0 2:59", "2026-10-25T01:00:00Z", "0 2:00"],
  // Lord Howe Island changes by half an hour.
  ["Australia/Lord_Howe", "2026-10-03T15:29:59Z", "0 1:59", "2026-10-03T15:30:00Z", "0 2:30"],
  ["Australia/Lord_Howe", "2026-04-04T14:59:59Z", "0 1:59", "2026-04-04T15:00:00Z", "0 1:30"],
])("in %s the clocks change: at %s %s, at %s %s", (timeZone, before, shownBefore, after, shownAfter) => {
  expect([at(timeZone, before), at(timeZone, after)]).toEqual([shownBefore, shownAfter]);
});

test("every zone shows a weekday, an hour and a minute at every moment", () => {
  const zones = Intl.supportedValuesOf("timeZone");
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 8.64e15 }), (timeZone, atMs) => {
      const { weekday, hour, minute } = zonedClock(timeZone)(atMs);
      for (const [value, max] of [
        [weekday, 6],
        [hour, 23],
        [minute, 59],
      ] as const) {
        expect(Number.isInteger(value) && value >= 0 && value <= max).toBe(true);
      }
    }),
  );
});

test("the clock of UTC is that of JavaScript's dates", () => {
  const utc = zonedClock("UTC");
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      const expected = { weekday: date.getUTCDay(), hour: date.getUTCHours(), minute: date.getUTCMinutes() };
      expect(utc(date.getTime())).toEqual(expected);
    }),
  );
});

test("a zone that there is not is refused", () => {
  expect(() => zonedClock("Mars/Olympus_Mons")).toThrow(RangeError);
});
