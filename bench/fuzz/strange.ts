import * as fc from "fast-check";

/** Values that have broken programs before, and those that a contract allows. */

const ID_LENGTHS = [128, 129, 20_000, 5 * 2 ** 20];

/** An id: as a rule one of a few good ones, so that inputs meet each other. */
export const someId = (good: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 160, arbitrary: fc.constantFrom(...good) },
    {
      weight: 20,
      arbitrary: fc.constantFrom("", " ", "\0", "a\0b", "\u202e", "\ufeffx", "__proto__", "constructor", "'; --", "{}"),
    },
    { weight: 20, arbitrary: fc.string({ unit: "binary", maxLength: 140 }).map((text) => text.toWellFormed()) },
    { weight: 1, arbitrary: fc.constantFrom(...ID_LENGTHS).map((length) => "x".repeat(length)) },
  );

/** A number: as a rule within the bounds. */
export const someNumber = (min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.double({ min, max, noNaN: true }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...[0, -0, min, max, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
        ...[Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, 1e-300],
      ),
    },
    { weight: 1, arbitrary: fc.double() },
  );

/** A moment. The relative ones are from the time of sending, so that a seed gives the same input on another day. */
export type Moment = { fromNowMs: number } | { atMs: number };

const DAY_MS = 86_400_000;

export const someMoment: fc.Arbitrary<Moment> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -60_000, max: 60_000 }).map((fromNowMs) => ({ fromNowMs })) },
  { weight: 1, arbitrary: fc.integer({ min: -2 * DAY_MS, max: 2 * DAY_MS }).map((fromNowMs) => ({ fromNowMs })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        ...[0, 1, -1, Date.UTC(1970, 0, 2), Date.UTC(3000, 0), 8.64e15, 8.64e15 + 1],
        ...[2 ** 53 - 1, 2 ** 63 - 1024, -(2 ** 63), 253_402_300_800_000],
      )
      .map((atMs) => ({ atMs })),
  },
);

export const asMs = (moment: Moment): number =>
  "atMs" in moment ? moment.atMs : Math.round(Date.now() + moment.fromNowMs);
