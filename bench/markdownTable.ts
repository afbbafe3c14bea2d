/** A column, with what it shows of a row. */
export interface Column<Row> {
  title: string;
  /** Numbers stand to the right. */
  isNumber?: boolean;
  of: (row: Row) => string;
}

/** Rows as a table, in Markdown, which can also be read as it is. */
export function markdownTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ of }) => of(row)))];
  const widths = columns.map((_, n) => Math.max(...cells.map((row) => row[n]?.length ?? 0)));
  const isNumber = (n: number) => columns[n]?.isNumber ?? false;
  const pad = (cell: string, n: number) => (isNumber(n) ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0));
  const line = (row: string[]) => `| ${row.map(pad).join(" | ")} |`;
  const dashes = widths.map((width, n) => (isNumber(n) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  const [titles = [], ...lines] = cells;
  return [line(titles), `| ${dashes.join(" | ")} |`, ...lines.map(line)].join("\n");
}
