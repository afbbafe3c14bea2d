import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ConnectorCalendar } from "../../src/index.ts";
import { TakenTime } from "../../src/negotiation/takenTime.ts";

/** Minutes free and taken in turn. */
const stretches = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 9 })), { maxLength: 6 });

function calendarOf(turns: [number, number][]): ConnectorCalendar {
  const calendar = new ConnectorCalendar();
  let at = 0;
  turns.forEach(([free, taken], n) => {
    calendar.insert({ id: `${n}`, startMs: at + free, endMs: at + free + taken });
    at += free + taken;
  });
  return calendar;
}

test("the earliest start is that of the calendar, from whichever moment on its time is known", () => {
  const moment = fc.integer({ min: 0, max: 12 });
  fc.assert(
    fc.property(stretches, moment, moment, fc.integer({ min: 1, max: 9 }), (turns, knownFrom, later, duration) => {
      const calendar = calendarOf(turns);
      const fromMs = knownFrom + later;
      const found = new TakenTime(knownFrom, calendar.entries).earliestStartMs(fromMs, duration);
      expect(found).toBe(calendar.earliestStartMs(fromMs, duration));
    }),
  );
});
