import { keepsMark, type Row, ratioOf } from "./figures/figure.ts";
import type { Machine } from "./machine.ts";
import { type Column, markdownTable } from "./markdownTable.ts";

/** A run, as it is kept. */
export interface BenchRun {
  /** ISO 8601. */
  startedAt: string;
  tookSeconds: number;
  /** Whether nothing was left out or cut short. */
  isWhole: boolean;
  machine: Machine;
  rows: (Row & { ratio?: number })[];
  /** What does not reconcile, each with the name of its figure. */
  faults: string[];
}

const number = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const amount = (value: number) => (value >= 1_000 ? Math.round(value).toLocaleString("en-US") : number.format(value));

const costs = (cpuUs: Record<string, number> = {}) =>
  Object.entries(cpuUs)
    .map(([name, us]) => `${name} ${amount(us)}`)
    .join(", ");

function markOf({ mark, better }: Row): string {
  if (mark === undefined) return "–";
  return better === "more" ? `≥ ${amount(mark)}` : `< ${amount(mark)}`;
}

function measuredOf(row: Row): string {
  const kept = keepsMark(row);
  return `${amount(row.measured)} ${row.unit}${kept === false ? " ✗" : ""}`;
}

/** The columns of the table, each with what it shows of a row. */
const COLUMNS: Column<Row>[] = [
  { title: "name", of: ({ id }) => id },
  { title: "figure", of: ({ what }) => what },
  { title: "asked", isNumber: true, of: markOf },
  { title: "measured", isNumber: true, of: measuredOf },
  { title: "floor", isNumber: true, of: ({ floor }) => (floor ? `${amount(floor.value)} (${floor.what})` : "–") },
  { title: "of the floor", isNumber: true, of: (row) => ratioOf(row)?.toFixed(2) ?? "–" },
  { title: "CPU µs an event", of: ({ cpuUs }) => costs(cpuUs) },
];

/** The figures as a table, in Markdown. */
export const table = (rows: readonly Row[]): string => markdownTable(rows, COLUMNS);

/** The machine, in a line. */
export function machineLine({ cpu, cores, memoryGb, kernel, node, ...rest }: Machine): string {
  const { servers, kafka, redis, postgres, timescaledb, loadBefore } = rest;
  return [
    `${cpu}, ${cores} cores, ${memoryGb} GB, Linux ${kernel}, Node ${node}`,
    `${servers === "docker" ? "containers" : "local servers"}: Kafka ${kafka}, Redis ${redis}, PostgreSQL ${postgres}, TimescaleDB ${timescaledb}`,
    `load before the run ${loadBefore.toFixed(2)}`,
  ].join(" · ");
}

/** What else was seen, a line a row that has something to add. */
export function notes(rows: readonly Row[]): string[] {
  return rows
    .map((row) => ({
      id: row.id,
      all: [...row.notes, ...(row.floorCpuUs ? [`floor: CPU µs an event ${costs(row.floorCpuUs)}`] : [])],
    }))
    .filter(({ all }) => all.length > 0)
    .map(({ id, all }) => `${id}: ${all.join("; ")}`);
}

/** The whole run, in Markdown. */
export const asMarkdown = (run: BenchRun): string => `# make bench, ${run.startedAt}\n\n${runText(run)}\n`;

/** A run without its title. */
export function runText(run: BenchRun): string {
  const told = run.faults.length === 0 ? ["Every count reconciles."] : run.faults.map((fault) => `- FAULT: ${fault}`);
  return [
    machineLine(run.machine),
    table(run.rows),
    notes(run.rows)
      .map((note) => `- ${note}`)
      .join("\n"),
    ...told,
  ].join("\n\n");
}

/** A run with its ratios worked out. */
export function withRatios(rows: readonly Row[]): BenchRun["rows"] {
  return rows.map((row) => {
    const ratio = ratioOf(row);
    return ratio === undefined ? row : { ...row, ratio };
  });
}
