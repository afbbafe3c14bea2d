import { startPostgres } from "@greenlane/testkit";
import * as fc from "fast-check";
import pg from "pg";
import { expect, test } from "vitest";
import { float8Array, textArray, timestamptzArray } from "../src/binaryArrays.ts";

test("arrays in binary form arrive in the database as they were", async () => {
  await using server = await startPostgres();
  const session = new pg.Client({ connectionString: server.url });
  await session.connect();
  const text = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0") && value.isWellFormed());
  const row = fc.record({
    n: fc.double({ noNaN: true }),
    t: text,
    ms: fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9999, 0) }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 50 }), async (rows) => {
      const { rows: stored } = await session.query<{ n: number; t: string; ms: string }>(
        "SELECT n, t, (extract(epoch FROM at) * 1000)::bigint AS ms FROM unnest($1::float8[], $2::text[], $3::timestamptz[]) AS a (n, t, at)",
        [
          float8Array(rows.map(({ n }) => n)),
          textArray(rows.map(({ t }) => t)),
          timestamptzArray(rows.map(({ ms }) => ms)),
        ],
      );
      expect(stored.map(({ n, t, ms }) => ({ n, t, ms: Number(ms) }))).toEqual(rows);
    }),
    { numRuns: 100 },
  );
  await session.end();
});
