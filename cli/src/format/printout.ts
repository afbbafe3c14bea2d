import { escaped } from "./escape.ts";

/** What a command has to show. */
export interface Printout {
  rows: Record<string, string | number>[];
  /** Said where there are no rows. */
  nothing: string;
  /** Whether no rows means that what was asked for does not exist. */
  isFailure?: boolean;
}

/** Rows in columns, each as wide as its widest cell. */
export function columns(rows: Printout["rows"]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = [
    names.map((name) => name.toUpperCase()),
    ...rows.map((row) => names.map((name) => escaped(`${row[name] ?? ""}`))),
  ];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
