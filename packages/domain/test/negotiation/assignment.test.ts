import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bestAssignment, FORBIDDEN } from "../../src/index.ts";

const worth = fc.oneof(
  { arbitrary: fc.integer({ min: -5, max: 20 }), weight: 4 },
  { arbitrary: fc.constant(FORBIDDEN), weight: 1 },
);
const matrix = fc
  .record({ rows: fc.integer({ min: 0, max: 6 }), columns: fc.integer({ min: 1, max: 6 }) })
  .chain(({ rows, columns }) =>
    fc.array(fc.array(worth, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
  );

/** Tries every pairing. */
function bestTotal(worths: number[][], row = 0, taken = new Set<number>()): number {
  const line = worths[row];
  if (line === undefined) return 0;
  let best = bestTotal(worths, row + 1, taken);
  line.forEach((itsWorth, column) => {
    if (itsWorth <= 0 || taken.has(column)) return;
    best = Math.max(best, itsWorth + bestTotal(worths, row + 1, new Set([...taken, column])));
  });
  return best;
}

const assign = (worths: number[][]) =>
  bestAssignment(worths.length, worths[0]?.length ?? 0, (row, column) => worths[row]?.[column] ?? FORBIDDEN);

test("no pairing is worth more than the one that is found", () => {
  fc.assert(
    fc.property(matrix, (worths) => {
      const total = assign(worths).reduce(
        (sum, column, row) => sum + (column < 0 ? 0 : (worths[row]?.[column] ?? 0)),
        0,
      );
      expect(total).toBe(bestTotal(worths));
    }),
  );
});

test("no column is given twice, and no pair is made that is worth nothing or forbidden", () => {
  fc.assert(
    fc.property(matrix, (worths) => {
      const given = [...assign(worths)].filter((column) => column >= 0);
      expect(new Set(given).size).toBe(given.length);
      assign(worths).forEach((column, row) => {
        if (column >= 0) expect(worths[row]?.[column]).toBeGreaterThan(0);
      });
    }),
  );
});
