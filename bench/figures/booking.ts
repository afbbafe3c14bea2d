import { faultsOf, type HerdRun, startHerdRuns } from "../herd/herdRun.ts";
import type { Effort, Figure, FigureResult, Row } from "./figure.ts";
import { libraryFloors } from "./libraryFloors.ts";
import { loadInTurn, perSecond } from "./loadSide.ts";
import type { Stage } from "./stage.ts";

const HERD = { cars: 3_000, stations: 150, connectors: 4, processes: 2, rate: 0, chaos: false };
const HERDS = 2;

/** As many streams as the herd's depots, and as many messages under way as they have cars. */
const DEPOTS = { connections: 8, streams: 60, inFlight: 50 };

/** What bare libraries do of it: answer a message; and take two and insert a row. A second. */
async function bookingFloors(stage: Stage, effort: Effort): Promise<{ answered: number; confirmed: number }> {
  const echo = await stage.echo();
  const plan = stage.plan([echo.address], DEPOTS.connections, DEPOTS.streams);
  const pace = { kind: "closed", inFlight: DEPOTS.inFlight } as const;
  const side = { plan, pace, processes: echo.processes };
  const [bare] = await loadInTurn([side], effort.pieceSeconds);
  if (bare === undefined) throw new Error("the bare server was not measured");
  const { insert } = await libraryFloors(stage, effort);
  const answered = perSecond(bare);
  return { answered, confirmed: 1 / (2 / answered + 1 / insert.perSecond) };
}

async function measureBooking(stage: Stage, effort: Effort): Promise<FigureResult> {
  const floors = await bookingFloors(stage, effort);
  await using herds = await startHerdRuns(stage.servers, HERD);
  const runs: HerdRun[] = [];
  for (let seed = 1; seed <= HERDS; seed++) runs.push(await herds.run(seed));
  const seconds = (span: (run: HerdRun) => number | undefined) =>
    runs.reduce((sum, run) => sum + (span(run) ?? Number.NaN), 0) / 1_000;
  const cars = HERD.cars * runs.length;
  const cpuUs: Record<string, number> = {};
  for (const run of runs) {
    for (const [name, cpuS] of Object.entries(run.cpuS)) {
      const kind = name.replace(/-\d+$/, "");
      cpuUs[kind] = (cpuUs[kind] ?? 0) + (cpuS * 1e6) / cars;
    }
  }
  type Span = (run: HerdRun) => number | undefined;
  const row = (id: string, what: string, mark: number, floor: Row["floor"], span: Span): Row => ({
    id,
    what: `booking, ${HERD.cars.toLocaleString("en-US")} cars at once, ${HERD.processes} processes: ${what}`,
    unit: "negotiations/s",
    better: "more",
    mark,
    measured: cars / seconds(span),
    ...(floor && { floor }),
    cpuUs,
    notes: [],
  });
  const echo = { what: "bare grpc-js echo", value: floors.answered };
  const insert = { what: "two bare echoes, one bare insert", value: floors.confirmed };
  return {
    faults: runs.flatMap((run) => faultsOf(run).map((fault) => `herd ${run.seed}: ${fault}`)),
    rows: [
      row("booking-answered", "negotiations answered", 5_000, echo, ({ answeredMs }) => answeredMs),
      row("booking-confirmed", "bookings confirmed durably", 3_000, insert, ({ confirmedMs }) => confirmedMs),
    ],
  };
}

/** How many cars that ask at once are answered, and have their booking, a second. */
export const bookingFigure: Figure = { name: "booking", run: measureBooking };
