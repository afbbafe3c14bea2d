import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withPart } from "../benchmarksPage.ts";
import { capacityTables, needsOf } from "../capacity.ts";
import type { Row } from "../figures/figure.ts";

const PAGE = readFileSync(fileURLToPath(new URL("../../BENCHMARKS.md", import.meta.url)), "utf8");

test("BENCHMARKS.md has each part that a command writes, and a part put anew leaves all else as it is", () => {
  for (const part of ["bench", "capacity", "soak"] as const) {
    const once = withPart(PAGE, part, "first");
    expect(once).toContain(`<!-- begin ${part} -->\n\nfirst\n\n<!-- end ${part} -->`);
    expect(withPart(withPart(once, part, "second"), part, "first")).toBe(once);
  }
  expect(() => withPart("a page without", "bench", "text")).toThrow("begin bench");
});

function row(id: string, measured: number, cpuUs: Record<string, number>): Row {
  return { id, what: id, unit: "events/s", better: "more", measured, cpuUs, notes: [] };
}

const ROWS = [
  row("bare-pipeline", 50_000, { "bare pipeline": 10, redis: 7 }),
  row("connections-1000", 15_000, { ingestion: 35 }),
  row("gateways", 90_000, { ingestion: 7 }),
  row("thread", 35_000, { ingestion: 20, "pricing-worker": 7, kafka: 3.5, postgres: 14 }),
  row("thread-gateways", 50_000, { ingestion: 7, "pricing-worker": 7, kafka: 3.5, postgres: 14 }),
  row("drain", 100_000, {}),
  row("idle-connections", 500, {}),
];

test("a million cars need what an event costs a million times a second, on cores used to 70 %", () => {
  const needs = needsOf({ rows: ROWS }, "cars");
  expect(needs?.map(({ part, cores }) => [part, Math.round(cores)])).toEqual([
    ["ingestion", 50],
    ["Kafka", 5],
    ["Redis", 10],
    ["pricing worker", 10],
    ["Postgres", 20],
  ]);
  // 100,000 rows a second a worker, of which 70 % are planned with.
  expect(needs?.[3]?.means).toContain("15 workers");
  expect(needs?.[0]?.means).toContain("49 GB");
  expect(needsOf({ rows: ROWS }, "gateways")?.[0]?.cores).toBeCloseTo(10);
});

test("a run that lacks a figure says nothing of a million cars", () => {
  for (const { id } of ROWS) expect(capacityTables({ rows: ROWS.filter((each) => each.id !== id) })).toBeUndefined();
});
