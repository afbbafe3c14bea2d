import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ConnectorCalendar } from "../../src/index.ts";

/** Starts and lengths of entries that are tried one after the other; those that are not free are left out. */
const tries = fc.array(
  fc.record({ startMs: fc.integer({ min: 0, max: 60 }), durationMs: fc.integer({ min: 1, max: 9 }) }),
);

function calendarOf(entries: { startMs: number; durationMs: number }[]): ConnectorCalendar {
  const calendar = new ConnectorCalendar();
  entries.forEach(({ startMs, durationMs }, n) => {
    const entry = { id: `${n}`, startMs, endMs: startMs + durationMs };
    if (calendar.isFree(entry)) calendar.insert(entry);
  });
  return calendar;
}

/** Whether somebody has a moment, asked of each entry. */
const isTaken = ({ entries }: ConnectorCalendar, atMs: number) =>
  entries.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);

const momentsOf = (startMs: number, endMs: number) => Array.from({ length: endMs - startMs }, (_, n) => startMs + n);

test("no two entries overlap, and they are in order", () => {
  fc.assert(
    fc.property(tries, (entries) => {
      const calendar = calendarOf(entries);
      calendar.entries.reduce((untilMs, { startMs, endMs }) => {
        expect(startMs).toBeGreaterThanOrEqual(untilMs);
        return endMs;
      }, 0);
    }),
  );
});

test("a stretch is free exactly when each of its moments is", () => {
  fc.assert(
    fc.property(tries, fc.integer({ min: 0, max: 70 }), fc.integer({ min: 1, max: 9 }), (entries, startMs, length) => {
      const calendar = calendarOf(entries);
      const moments = momentsOf(startMs, startMs + length);
      expect(calendar.isFree({ startMs, endMs: startMs + length })).toBe(!moments.some((at) => isTaken(calendar, at)));
    }),
  );
});

test("the earliest start is free, and no earlier one is", () => {
  fc.assert(
    fc.property(tries, fc.integer({ min: 0, max: 70 }), fc.integer({ min: 1, max: 9 }), (entries, fromMs, length) => {
      const calendar = calendarOf(entries);
      const earliestMs = calendar.earliestStartMs(fromMs, length);
      const free = (startMs: number) => calendar.isFree({ startMs, endMs: startMs + length });
      expect(free(earliestMs)).toBe(true);
      expect(momentsOf(fromMs, earliestMs).filter(free)).toEqual([]);
    }),
  );
});

test("the taken time is that of all taken moments", () => {
  fc.assert(
    fc.property(tries, fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 70 }), (entries, startMs, length) => {
      const calendar = calendarOf(entries);
      const taken = momentsOf(startMs, startMs + length).filter((at) => isTaken(calendar, at)).length;
      expect(calendar.takenMs({ startMs, endMs: startMs + length })).toBe(taken);
    }),
  );
});

test("a stretch that is taken cannot be taken again until it is given back", () => {
  const calendar = new ConnectorCalendar([{ id: "a", startMs: 10, endMs: 20 }]);
  const overlapping = { id: "b", startMs: 19, endMs: 30 };
  expect(() => calendar.insert(overlapping)).toThrow(RangeError);
  expect(calendar.remove("a")).toBe(true);
  calendar.insert(overlapping);
  expect(calendar.entries).toEqual([overlapping]);
  expect(calendar.remove("a")).toBe(false);
});

test("one may begin the moment another ends, and nobody has an empty stretch", () => {
  const calendar = new ConnectorCalendar([{ id: "a", startMs: 10, endMs: 20 }]);
  calendar.insert({ id: "b", startMs: 20, endMs: 30 });
  calendar.insert({ id: "c", startMs: 0, endMs: 10 });
  expect(calendar.entries.map(({ id }) => id)).toEqual(["c", "a", "b"]);
  expect(calendar.isFree({ startMs: 40, endMs: 40 })).toBe(false);
});
