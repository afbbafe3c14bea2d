import type { HerdJudgement, HerdMeasures, HerdRecord } from "@greenlane/lab";
import { faultsOf, type HerdRun, type HerdRunOptions, type Percentiles } from "./herdRun.ts";

const ms = (value: number | undefined) => (value === undefined ? "–" : `${value.toFixed(0)} ms`);
const pair = ({ p50, p99 }: Percentiles) => `${ms(p50)} / ${ms(p99)}`;
const RULE = "─".repeat(78);

type Row = [name: string, value: string];

const lines = (rows: Row[]) => rows.map(([name, value]) => `${name.padEnd(44)}${value.padStart(34)}`);

/** The table of one herd. */
export function runTable(options: HerdRunOptions, run: HerdRun, judgement: HerdJudgement | undefined): string {
  const { ends, accounts, chaos } = run;
  const rows: Row[] = [
    ["cars, stations × connectors", `${options.cars}, ${options.stations} × ${options.connectors}`],
    ["seed, booking processes", `${run.seed}, ${options.processes}`],
    ["until all had an answer", ms(run.answeredMs)],
    ["until all were confirmed", ms(run.confirmedMs)],
    ["request → offers p50 / p99", pair(run.requestToOffersMs)],
    ["accept → confirmed p50 / p99", pair(run.acceptToConfirmedMs)],
    ["confirmed / waitlisted / refused", `${ends.booked} / ${ends.waitlisted} / ${ends.refused}`],
    ["without an answer", `${ends.unanswered}`],
    ["streams lost / asked again", `${run.streamsLost} / ${run.repeats}`],
    ["slots lost between offer and booking", `${run.slotsLost}`],
    ...(chaos === undefined ? [] : chaosRows(chaos)),
    ["double bookings / cars with two", `${accounts.double} / ${accounts.twice}`],
    ["lost (told, not in the database)", `${accounts.lost}`],
    ["untold (in the database, not told)", `${accounts.untold}`],
    ["Redis: equal / missing / leaked", `${accounts.equal} / ${accounts.missing} / ${accounts.leaked}`],
    ["bookings without an event in Kafka", `${accounts.eventless}`],
    ...Object.entries(run.cpuS).map(([name, seconds]): Row => [`CPU of ${name}`, `${seconds.toFixed(2)} s`]),
  ];
  const judged = judgement === undefined ? [] : [...judgementLines(judgement), ...loadLines(run.record), RULE];
  return [RULE, ...lines(rows), RULE, ...judged].join("\n");
}

/** What is shown of a herd's measures; times in min. */
const MEASURES: { title: string; of: (measures: HerdMeasures) => number }[] = [
  { title: "charged", of: ({ meanMin }) => meanMin },
  { title: "p95", of: ({ p95Min }) => p95Min },
  { title: "wait", of: ({ meanWaitMin }) => meanWaitMin },
  { title: "p95", of: ({ p95WaitMin }) => p95WaitMin },
  { title: "detour", of: ({ farthestDetourKm }) => farthestDetourKm },
  { title: "load", of: ({ loadRatio }) => loadRatio },
];

/** The outcome beside the others. */
function judgementLines({ booked, baselines, boundMin, boundStepMin }: HerdJudgement): string[] {
  const line = (name: string, cells: string[]) =>
    `${name.padEnd(18)}${cells.map((cell) => cell.padStart(10)).join("")}`;
  const shown = (measures: HerdMeasures) => MEASURES.map(({ of }) => of(measures).toFixed(2));
  const titles = MEASURES.map(({ title }) => title);
  return [
    line("", titles),
    line("this herd", shown(booked)),
    ...baselines.map(({ policy, measures }) => line(policy, shown(measures))),
    line("lower bound", [boundMin.toFixed(2)]),
    "",
    "charged: mean time until a car is charged; wait: mean at the station; p95 of each, min.",
    "detour: the farthest beyond the nearest station, km. load: cars of the fullest station by the mean of all.",
    ...(booked.cars < (baselines[0]?.measures.cars ?? 0)
      ? ["The bound and the others are of all cars, this herd's figures of those that were booked."]
      : [`This herd is at ${(booked.meanMin / boundMin).toFixed(4)} × the bound (${boundStepMin} min steps).`]),
  ];
}

/** How many cars each station has. */
function loadOf({ stations, bookings }: HerdRecord): Record<string, number> {
  const own = Map.groupBy(bookings, ({ station_id }) => station_id);
  return Object.fromEntries(stations.map(({ station_id }) => [station_id, own.get(station_id)?.length ?? 0]));
}

/** The numbers of cars, the fewest first, in lines. */
function loadLines(record: HerdRecord): string[] {
  const words = ["cars a station:", ...Object.values(loadOf(record)).sort((a, b) => a - b)];
  return (
    words
      .join(" ")
      .match(new RegExp(`.{1,${RULE.length}}(?= |$)`, "g"))
      ?.map((line) => line.trim()) ?? []
  );
}

function chaosRows({ killed, killedMs, confirmedBefore, backMs, flushedMs }: NonNullable<HerdRun["chaos"]>): Row[] {
  return [
    [`${killed} killed after / ready again after`, `${ms(killedMs)} / ${ms(backMs)}`],
    ["confirmed before the kill", `${confirmedBefore}`],
    ["Redis emptied after", ms(flushedMs)],
  ];
}

/** One herd of several. */
export function runLine(run: HerdRun): string {
  const { ends, accounts, chaos } = run;
  const told = [
    `seed ${run.seed}`,
    `answered ${ms(run.answeredMs)}`,
    `confirmed ${ms(run.confirmedMs)}`,
    `booked ${ends.booked} waitlisted ${ends.waitlisted} refused ${ends.refused}`,
    ...(chaos ? [`${chaos.killed} killed at ${ms(chaos.killedMs)}, Redis emptied at ${ms(chaos.flushedMs)}`] : []),
    `double ${accounts.double} lost ${accounts.lost} leaked ${accounts.leaked} missing ${accounts.missing}`,
    ...faultsOf(run).map((fault) => `FAULT ${fault}`),
  ];
  return told.join(" · ");
}

/** What several herds come to. */
export function totalsTable(runs: readonly HerdRun[]): string {
  const sum = (count: (run: HerdRun) => number) => runs.reduce((total, run) => total + count(run), 0);
  const mean = (value: (run: HerdRun) => number | undefined) =>
    ms(sum((run) => value(run) ?? Number.NaN) / runs.length);
  const rows: Row[] = [
    ["herds", `${runs.length}`],
    ["mean time until all had an answer", mean((run) => run.answeredMs)],
    ["mean time until all were confirmed", mean((run) => run.confirmedMs)],
    ["confirmed", `${sum(({ ends }) => ends.booked)}`],
    ["waitlisted / refused", `${sum(({ ends }) => ends.waitlisted)} / ${sum(({ ends }) => ends.refused)}`],
    ["without an answer", `${sum(({ ends }) => ends.unanswered)}`],
    ["double bookings / cars with two", `${sum((run) => run.accounts.double)} / ${sum((run) => run.accounts.twice)}`],
    ["lost / untold", `${sum((run) => run.accounts.lost)} / ${sum((run) => run.accounts.untold)}`],
    ["Redis: missing / leaked", `${sum((run) => run.accounts.missing)} / ${sum((run) => run.accounts.leaked)}`],
    ["bookings without an event in Kafka", `${sum((run) => run.accounts.eventless)}`],
  ];
  return [RULE, ...lines(rows), RULE].join("\n");
}

/** The same as one JSON document. */
export function asDocument(options: HerdRunOptions, runs: readonly HerdRun[], judgement: HerdJudgement | undefined) {
  return {
    ...options,
    runs: runs.map(({ record, ...run }) => ({ ...run, load: loadOf(record), faults: faultsOf(run) })),
    judgement,
  };
}
