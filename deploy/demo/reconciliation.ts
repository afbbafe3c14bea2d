import type { BookingSummary } from "./bookings.ts";

/** What each station of the thread says of one run. */
export interface RunCounts extends BookingSummary {
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
  /** What the cars asked for and heard. */
  requests: number;
  offers: number;
  booked: number;
  waitlisted: number;
  refused: number;
  invitations: number;
  invitationsAccepted: number;
  requestToOffersMs: { p50: number | null; p99: number | null };
  acceptToConfirmedMs: { p50: number | null; p99: number | null };
}

/**
 * Every way in which the counts disagree, in words; none when all events arrived everywhere, once, no slot was sold
 * twice, and all energy belongs to a booking that its car was told of.
 */
export function differences(counts: RunCounts): string[] {
  const { sent, acked, inLog, stored, doubleBookings, unbookedRows, missing } = counts;
  const found: string[] = [];
  if (sent === 0) found.push("nothing was sent");
  if (acked !== sent) found.push(`${sent - acked} of ${sent} events sent were not acked`);
  if (inLog !== sent) found.push(`${sent} events were sent, ${inLog} are in Kafka`);
  if (stored !== inLog) found.push(`${inLog} events are in Kafka, ${stored} are stored as rows`);
  if (doubleBookings > 0) found.push(`${doubleBookings} pairs of bookings keep one connector at one time`);
  if (unbookedRows > 0) found.push(`${unbookedRows} rows of charging_sessions belong to no booking of their car`);
  if (missing.length > 0)
    found.push(`${missing.length} bookings were told as confirmed and are not in the database: ${missing.slice(0, 5)}`);
  return found;
}

const ms = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : `${value.toFixed(1)} ms`;

const spread = ({ p50, p99 }: { p50: number | null; p99: number | null }) => `${ms(p50)} / ${ms(p99)}`;

const dollars = (value: number) => `$${value.toFixed(4)}`;

function states(byState: Record<string, number>): string {
  const each = Object.entries(byState).map(([state, count]) => `${count} ${state}`);
  return each.length === 0 ? "none" : each.join(", ");
}

const WIDTH = 64;

/** The table that closes a run. */
export function table(counts: RunCounts): string {
  const rows: [string, string][] = [
    ["events sent", `${counts.sent}`],
    ["events acked", `${counts.acked}`],
    ["events in Kafka", `${counts.inLog}`],
    ["rows stored", `${counts.stored}`],
    ["duplicates in Kafka", `${counts.duplicates}`],
    ["distinct cars in Redis", `${counts.carsInRedis} of ${counts.cars}`],
    ["send → ack p50 / p99", spread(counts.sendToAckMs)],
    ["send → row p50 / p99", `${ms(counts.sendToRowMs?.p50)} / ${ms(counts.sendToRowMs?.p99)}`],
    ["requests / answered with offers", `${counts.requests} / ${counts.offers}`],
    ["waitlisted / refused", `${counts.waitlisted} / ${counts.refused}`],
    ["invitations / accepted", `${counts.invitations} / ${counts.invitationsAccepted}`],
    ["request → offers p50 / p99", spread(counts.requestToOffersMs)],
    ["accept → confirmed p50 / p99", spread(counts.acceptToConfirmedMs)],
    ["bookings", states(counts.byState)],
    ["double bookings", `${counts.doubleBookings}`],
    ["charging sessions", `${counts.sessions}`],
    ["sessions that belong to a booking", `${counts.bookedSessions} of ${counts.sessions}`],
    ["energy", `${counts.kwh.toFixed(3)} kWh`],
    ["cost at the locked prices", dollars(counts.lockedCost)],
    ["cost at the grid's prices", dollars(counts.cost)],
  ];
  const rule = "─".repeat(WIDTH);
  return [rule, ...rows.map(([name, value]) => `${name}${value.padStart(WIDTH - name.length)}`), rule].join("\n");
}
