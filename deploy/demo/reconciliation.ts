/** What each station of the thread says of one run. */
export interface RunCounts {
  sent: number;
  acked: number;
  inLog: number;
  stored: number;
  /** Records in the log beyond the distinct events: what was sent again. */
  duplicates: number;
  carsInRedis: number;
  cars: number;
  sessions: number;
  kwh: number;
  /** Dollars. */
  cost: number;
  sendToAckMs: { p50: number | null; p99: number | null };
  sendToRowMs: { p50: number; p99: number } | undefined;
}

/** Every way in which the counts disagree, in words; none when all events arrived everywhere, once. */
export function differences({ sent, acked, inLog, stored }: RunCounts): string[] {
  const found: string[] = [];
  if (sent === 0) found.push("nothing was sent");
  if (acked !== sent) found.push(`${sent - acked} of ${sent} events sent were not acked`);
  if (inLog !== sent) found.push(`${sent} events were sent, ${inLog} are in Kafka`);
  if (stored !== inLog) found.push(`${inLog} events are in Kafka, ${stored} are stored as rows`);
  return found;
}

const ms = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : `${value.toFixed(1)} ms`;

/** The table that closes a run. */
export function table(counts: RunCounts): string {
  const rows: [string, string][] = [
    ["events sent", `${counts.sent}`],
    ["events acked", `${counts.acked}`],
    ["events in Kafka", `${counts.inLog}`],
    ["rows stored", `${counts.stored}`],
    ["duplicates in Kafka", `${counts.duplicates}`],
    ["distinct cars in Redis", `${counts.carsInRedis} of ${counts.cars}`],
    ["charging sessions", `${counts.sessions}`],
    ["energy", `${counts.kwh.toFixed(3)} kWh`],
    ["cost", `$${counts.cost.toFixed(2)}`],
    ["send → ack p50 / p99", `${ms(counts.sendToAckMs.p50)} / ${ms(counts.sendToAckMs.p99)}`],
    ["send → row p50 / p99", `${ms(counts.sendToRowMs?.p50)} / ${ms(counts.sendToRowMs?.p99)}`],
  ];
  const rule = "─".repeat(52);
  return [rule, ...rows.map(([name, value]) => `${name.padEnd(26)}${value.padStart(26)}`), rule].join("\n");
}
