import { faultsOf, type HerdRun, startHerdRuns } from "../herd/herdRun.ts";
import type { Figure, FigureResult, Row } from "./figure.ts";
import type { Stage } from "./stage.ts";

const HERD = { cars: 3_000, stations: 150, connectors: 4, processes: 2, rate: 0, chaos: false };
/** The first finds the code cold. */
const WARM_HERDS = 1;
const HERDS = 2;

async function measureBooking(stage: Stage): Promise<FigureResult> {
  await using herds = await startHerdRuns(stage.servers, HERD);
  const runs: HerdRun[] = [];
  for (let seed = 1; seed <= WARM_HERDS + HERDS; seed++) runs.push(await herds.run(seed));
  const measured = runs.slice(WARM_HERDS);
  const seconds = (span: (run: HerdRun) => number | undefined) =>
    measured.reduce((sum, run) => sum + (span(run) ?? Number.NaN), 0) / 1_000;
  const cars = HERD.cars * measured.length;
  const cpuUs: Record<string, number> = {};
  for (const run of measured) {
    for (const [name, cpuS] of Object.entries(run.cpuS)) {
      const kind = name.replace(/-\d+$/, "");
      cpuUs[kind] = (cpuUs[kind] ?? 0) + (cpuS * 1e6) / cars;
    }
  }
  const row = (id: string, what: string, mark: number, span: (run: HerdRun) => number | undefined): Row => ({
    id,
    what: `booking, ${HERD.cars.toLocaleString("en-US")} cars at once, ${HERD.processes} processes: ${what}`,
    unit: "negotiations/s",
    better: "more",
    mark,
    measured: cars / seconds(span),
    cpuUs,
    notes: [],
  });
  return {
    faults: runs.flatMap((run) => faultsOf(run).map((fault) => `herd ${run.seed}: ${fault}`)),
    rows: [
      row("booking-answered", "negotiations answered", 5_000, ({ answeredMs }) => answeredMs),
      row("booking-confirmed", "bookings confirmed durably", 3_000, ({ confirmedMs }) => confirmedMs),
    ],
  };
}

/** How many cars that ask at once are answered, and have their booking, a second. */
export const bookingFigure: Figure = { name: "booking", run: measureBooking };
