import { perEvent } from "./cpuMeter.ts";
import { drainBacklog } from "./drain.ts";
import type { Effort, Figure, FigureResult, Row } from "./figure.ts";
import { loadFaults, loadInTurn } from "./loadSide.ts";
import { addressOf, type Stage } from "./stage.ts";

const FLEETS = [100, 1_000, 10_000];
const EVENTS_PER_SECOND = 5_000;
const CONNECTIONS = 16;

async function measureFleet(cars: number, stage: Stage, { pieceSeconds }: Effort): Promise<FigureResult> {
  const ingestion = await stage.ingestion();
  const echo = await stage.echo();
  const pace = { kind: "open", perSecond: EVENTS_PER_SECOND } as const;
  const side = (target: string) => ({ plan: stage.plan([target], CONNECTIONS, cars), pace });
  const processes = [{ name: "ingestion", pids: [ingestion.pid()] }, ...stage.serverProcesses("kafka", "redis")];
  const appendedBefore = await stage.log.appended();
  const [measured, floor] = await loadInTurn(
    [
      { ...side(addressOf(ingestion)), processes },
      { ...side(echo.address), processes: echo.processes },
    ],
    pieceSeconds,
  );
  if (measured === undefined || floor === undefined) throw new Error("a side was not measured");
  const inLog = (await stage.log.appended()) - appendedBefore;
  await stage.log.clear();
  const cpuUs = perEvent(measured.cpu, measured.acked);
  const floorCpuUs = perEvent(floor.cpu, floor.acked);
  return {
    faults: loadFaults(measured.counts, inLog),
    rows: [
      {
        id: `cars-${cars}`,
        what: `CPU of ingestion an event, ${cars.toLocaleString("en-US")} cars, ${EVENTS_PER_SECOND.toLocaleString("en-US")} events/s in all`,
        unit: "µs",
        better: "less",
        measured: cpuUs.ingestion ?? Number.NaN,
        floor: { what: "bare grpc-js echo", value: floorCpuUs["bare gRPC server"] ?? Number.NaN },
        cpuUs,
        floorCpuUs,
        notes: [],
      },
    ],
  };
}

/** What is drained before and after the table has grown. */
const DRAINED_RECORDS = 200_000;
const GROWTH_AT_ONCE = 100_000;

/** Rows of cars that nobody else plays, an hour and more in the past. */
const GROW = `
INSERT INTO telemetry (time, car_id, latitude, longitude, battery_percent, velocity_kmh, odometer_km)
SELECT to_timestamp($3::bigint - n / 10000), $1 || n % 10000, 40.7, -74.0, 50, 30, 1000
FROM generate_series($2::bigint, $2::bigint + ${GROWTH_AT_ONCE - 1}) AS n`;

async function measureTable(stage: Stage, { tableRows }: Effort): Promise<FigureResult> {
  await stage.database.query("TRUNCATE telemetry");
  const empty = await drainBacklog(stage, DRAINED_RECORDS, 1);
  const carPrefix = stage.carPrefix();
  const beforeS = Math.floor(Date.now() / 1_000) - 7_200;
  for (let from = 0; from < tableRows; from += GROWTH_AT_ONCE)
    await stage.database.query(GROW, [carPrefix, from, beforeS]);
  const grown = await drainBacklog(stage, DRAINED_RECORDS, 1);
  const row = (id: string, what: string, { cpuUs, seconds, events }: typeof empty): Row => ({
    id,
    what: `CPU of worker and database a row, ${what}`,
    unit: "µs",
    better: "less",
    measured: (cpuUs["pricing-worker"] ?? 0) + (cpuUs.postgres ?? 0),
    cpuUs,
    notes: [`${Math.round(events / seconds).toLocaleString("en-US")} rows/s`],
  });
  const large = `into a table of ${tableRows.toLocaleString("en-US")} rows`;
  return {
    faults: [...empty.faults, ...grown.faults],
    rows: [row("table-empty", "into an empty table", empty), row("table-large", large, grown)],
  };
}

/** Whether what an event costs grows with the cars that are connected, and with the rows that are stored. */
export const growthFigures: Figure[] = [
  ...FLEETS.map(
    (cars): Figure => ({ name: `cars-${cars}`, run: (stage, effort) => measureFleet(cars, stage, effort) }),
  ),
  { name: "table-rows", isLong: true, run: measureTable },
];
