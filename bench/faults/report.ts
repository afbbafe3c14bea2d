import type { Machine } from "../machine.ts";
import { type Column, markdownTable } from "../markdownTable.ts";
import { machineLine } from "../report.ts";
import { faultsOf, isSlow, RECOVERY_LIMIT_MS, type Round } from "./round.ts";
import type { StageSize } from "./stage.ts";

/** A run, as it is kept. */
export interface ChaosRun {
  /** ISO 8601. */
  startedAt: string;
  machine: Machine | undefined;
  load: StageSize;
  /** How long a fault lasts, ms. */
  lastsMs: number;
  rounds: Round[];
  /** Faults that cannot be done here. */
  leftOut: { name: string; why: string }[];
  /** What is not as it must be, in words. */
  found: string[];
}

const seconds = (ms: number) => (ms / 1_000).toFixed(1);

/** The columns of the table, each with what it shows of a fault. */
const COLUMNS: Column<Round>[] = [
  { title: "fault", of: ({ title }) => title },
  { title: "lasted, s", isNumber: true, of: ({ lastedMs }) => seconds(lastedMs) },
  { title: "acked", isNumber: true, of: ({ accounts }) => `${accounts.acked}` },
  { title: "told", isNumber: true, of: ({ accounts }) => `${accounts.told}` },
  { title: "lost", isNumber: true, of: ({ accounts }) => `${accounts.lost}` },
  { title: "doubled", isNumber: true, of: ({ accounts }) => `${accounts.doubled}` },
  { title: "wrong price", isNumber: true, of: ({ accounts }) => `${accounts.wrongPrice}` },
  { title: "double bookings", isNumber: true, of: ({ accounts }) => `${accounts.doubleBookings}` },
  { title: "lost bookings", isNumber: true, of: ({ accounts }) => `${accounts.lostBookings}` },
  { title: "no ack for, s", isNumber: true, of: ({ longestSilenceMs }) => seconds(longestSilenceMs) },
  {
    title: "recovered in, s",
    isNumber: true,
    of: ({ recoveryMs }) => (recoveryMs === undefined ? "never" : seconds(recoveryMs)),
  },
];

/** One fault, as a line. */
export function roundLine(round: Round): string {
  const { accounts, streamsLost, refused } = round;
  const told = [
    round.title,
    `lost ${accounts.lost}, doubled ${accounts.doubled}, wrong price ${accounts.wrongPrice}`,
    `double bookings ${accounts.doubleBookings}, lost bookings ${accounts.lostBookings}`,
    `of ${accounts.acked} acked and ${accounts.told} told`,
    `no ack for ${seconds(round.longestSilenceMs)} s`,
    round.recoveryMs === undefined
      ? "not recovered"
      : `recovered in ${seconds(round.recoveryMs)} s (until then: ${round.waitedFor ?? "nothing stuck"})`,
    `${streamsLost} streams lost, ${accounts.again} sent again, ${refused} refused`,
    ...(round.measured === undefined ? [] : [round.measured]),
    ...faultsOf(round).map((fault) => `FAULT ${fault}`),
  ];
  return told.join(" · ");
}

/** The whole run, in Markdown. */
export function asMarkdown({ startedAt, machine, load, lastsMs, rounds, leftOut, found }: ChaosRun): string {
  const seen = rounds.flatMap(({ name, measured }) => (measured === undefined ? [] : [`- ${name}: ${measured}`]));
  const told = found.length === 0 ? ["Nothing lost, nothing doubled."] : found.map((trouble) => `- FAULT: ${trouble}`);
  const parts = [
    `# make chaos, ${startedAt}`,
    ...(machine === undefined ? [] : [machineLine(machine)]),
    `Under ${load.eventsPerSecond} events/s of ${load.cars} cars and ${load.bookingsPerSecond} bookings/s; a fault lasts ${seconds(lastsMs)} s.`,
    markdownTable(rounds, COLUMNS),
    [...seen, ...leftOut.map(({ name, why }) => `- ${name} is left out: ${why}`)].join("\n"),
    told.join("\n"),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** What must not be, in words, fault by fault. */
export const troubles = (rounds: readonly Round[]): string[] =>
  rounds.flatMap((round) => [
    ...faultsOf(round).map((what) => `${round.name}: ${what}`),
    ...(isSlow(round) ? [`${round.name}: it took more than ${RECOVERY_LIMIT_MS / 1_000} s to recover`] : []),
  ]);
