import { faultsOf, isSlow, RECOVERY_LIMIT_MS, type Round } from "./round.ts";

const seconds = (ms: number) => (ms / 1_000).toFixed(1);

/** The columns of the table, each with what it shows of a fault. */
const COLUMNS: { title: string; of: (round: Round) => string }[] = [
  { title: "fault", of: ({ title }) => title },
  { title: "lasted, s", of: ({ lastedMs }) => seconds(lastedMs) },
  { title: "acked", of: ({ accounts }) => `${accounts.acked}` },
  { title: "told", of: ({ accounts }) => `${accounts.told}` },
  { title: "lost", of: ({ accounts }) => `${accounts.lost}` },
  { title: "doubled", of: ({ accounts }) => `${accounts.doubled}` },
  { title: "wrong price", of: ({ accounts }) => `${accounts.wrongPrice}` },
  { title: "double bookings", of: ({ accounts }) => `${accounts.doubleBookings}` },
  { title: "lost bookings", of: ({ accounts }) => `${accounts.lostBookings}` },
  { title: "no ack for, s", of: ({ longestSilenceMs }) => seconds(longestSilenceMs) },
  { title: "recovered in, s", of: ({ recoveryMs }) => (recoveryMs === undefined ? "never" : seconds(recoveryMs)) },
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
    round.recoveryMs === undefined ? "not recovered" : `recovered in ${seconds(round.recoveryMs)} s`,
    `${streamsLost} streams lost, ${accounts.again} sent again, ${refused} refused`,
    ...(round.measured === undefined ? [] : [round.measured]),
    ...faultsOf(round).map((fault) => `FAULT ${fault}`),
  ];
  return told.join(" · ");
}

/** The table of all faults, in Markdown. */
export function table(rounds: readonly Round[]): string {
  const cells = [COLUMNS.map(({ title }) => title), ...rounds.map((round) => COLUMNS.map(({ of }) => of(round)))];
  const widths = COLUMNS.map((_, n) => Math.max(...cells.map((row) => row[n]?.length ?? 0)));
  const line = (row: string[]) =>
    `| ${row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join(" | ")} |`;
  const [titles = [], ...rows] = cells;
  const rule = `| ${widths.map((width, n) => (n === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(titles), rule, ...rows.map(line)].join("\n");
}

/** What must not be, in words, fault by fault. */
export const troubles = (rounds: readonly Round[]): string[] =>
  rounds.flatMap((round) => [
    ...faultsOf(round).map((what) => `${round.name}: ${what}`),
    ...(isSlow(round) ? [`${round.name}: it took more than ${RECOVERY_LIMIT_MS / 1_000} s to recover`] : []),
  ]);
