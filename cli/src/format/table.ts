import { escaped } from "./escape.ts";

/** A column and what it shows of a row. */
export interface Column<Row> {
  title: string;
  cell: (row: Row) => string | number;
  /** Numbers stand under each other. */
  align?: "right";
}

/** Rows under titles, each column as wide as its widest cell. */
export function table<Row>(columns: Column<Row>[], rows: Row[]): string {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => escaped(`${cell(row)}`))),
  ];
  const widths = columns.map((_, n) => Math.max(...lines.map((line) => line[n]?.length ?? 0)));
  const padded = (cell: string, n: number) =>
    columns[n]?.align === "right" ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0);
  return lines.map((line) => `${line.map(padded).join("  ").trimEnd()}\n`).join("");
}

/** The line that says that a list goes on; nothing when it does not. */
export function andMore(count: number, how = "--limit shows more"): string {
  return count > 0 ? `…and ${count} more (${how})\n` : "";
}
