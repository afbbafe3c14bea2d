import type { Column } from "./markdownTable.ts";
import { markdownTable } from "./markdownTable.ts";
import type { BenchRun } from "./report.ts";

/** A fleet that is planned for. */
const CARS = 1_000_000;
const EVENTS_PER_SECOND_A_CAR = 1;
/** Of a core, what is planned to be used: the rest is for peaks, and for the neighbours of an instance that dies. */
const USED_SHARE = 0.7;

/** What a part of the system would need for the fleet. */
export interface Need {
  part: string;
  /** CPU time an event, µs, as it was measured. */
  us: number;
  cores: number;
  /** What that comes to, in the units in which the part grows. */
  means: string;
}

const amount = (value: number) => Math.ceil(value).toLocaleString("en-US");

/**
 * What a million cars that report each second need, from what an event costs in a run, if cost grows with events and with
 * nothing else; undefined when the run lacks a figure that this takes.
 * @param by - cars with a connection each, or behind gateways
 */
export function needsOf({ rows }: Pick<BenchRun, "rows">, by: "cars" | "gateways"): Need[] | undefined {
  const costs = (id: string) => rows.find((row) => row.id === id)?.cpuUs ?? {};
  const measured = (id: string) => rows.find((row) => row.id === id)?.measured;
  const thread = costs(by === "cars" ? "thread" : "thread-gateways");
  const ingestionUs = costs(by === "cars" ? "connections-1000" : "gateways").ingestion;
  const { redis: positionUs } = costs("bare-pipeline");
  const { kafka, "pricing-worker": worker, postgres } = thread;
  const drain = measured("drain");
  const idleMb = measured("idle-connections");
  if (drain === undefined || idleMb === undefined) return undefined;
  if (!ingestionUs || !positionUs || !kafka || !worker || !postgres) return undefined;
  const perSecond = CARS * EVENTS_PER_SECOND_A_CAR;
  const cores = (us: number) => (perSecond * us) / 1e6 / USED_SHARE;
  const need = (part: string, us: number, means: string): Need => ({ part, us, cores: cores(us), means });
  const memoryGb = ((idleMb / 10_000) * CARS) / 1_024;
  const workers = Math.ceil(Math.max(cores(worker), perSecond / drain / USED_SHARE));
  const instances = `${amount(cores(ingestionUs))} instances, a core each`;
  return [
    need("ingestion", ingestionUs, by === "cars" ? `${instances}; ${amount(memoryGb)} GB for connections` : instances),
    need("Kafka", kafka, `brokers with ${amount(cores(kafka))} cores a copy of the log`),
    need("Redis", positionUs, `${amount(cores(positionUs))} masters of a Redis Cluster: each uses one core`),
    need("pricing worker", worker, `${amount(workers)} workers, and so at least as many partitions of fleet-events`),
    need(
      "Postgres",
      postgres,
      `${amount(cores(postgres))} cores: more nodes than one, each with its share of the cars`,
    ),
  ];
}

const COLUMNS: Column<Need>[] = [
  { title: "part", of: ({ part }) => part },
  { title: "CPU µs an event", isNumber: true, of: ({ us }) => us.toFixed(1) },
  { title: "cores", isNumber: true, of: ({ cores }) => amount(cores) },
  { title: "which means", of: ({ means }) => means },
];

/** What a million cars need, in Markdown; undefined as `needsOf`. */
export function capacityTables(run: Pick<BenchRun, "rows">): string | undefined {
  const cars = needsOf(run, "cars");
  const gateways = needsOf(run, "gateways");
  if (cars === undefined || gateways === undefined) return undefined;
  return [
    `A connection a car:\n\n${markdownTable(cars, COLUMNS)}`,
    `The same cars behind gateways:\n\n${markdownTable(gateways, COLUMNS)}`,
  ].join("\n\n");
}
