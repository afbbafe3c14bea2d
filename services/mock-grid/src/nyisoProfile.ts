import { readFileSync } from "node:fs";
import { type PriceProfile, zonedClock } from "@greenlane/domain";
import { parse } from "csv-parse/sync";

const FILE = new URL("../data/nyiso_nyc_hourly_2019_2020.csv", import.meta.url);
const HOURS = 24;
const HOUR_MS = 3_600_000;

export interface NyisoProfile {
  priceAt: PriceProfile;
  /** Days read. */
  days: number;
  /** Values left out: no numbers, or of an hour that the day did not have. */
  dropped: number;
}

const newYorkClock = zonedClock("America/New_York");

/**
 * Whether an hour of a day was on New York's clocks: 02:00 isn't on the day on which they go forward, though the
 * source has its 24 columns on that day too (the third repeats the second).
 */
function existed(midnightUtcMs: number, hour: number): boolean {
  const offsetsH = [4, 5];
  return offsetsH.some((offsetH) => newYorkClock(midnightUtcMs + (hour + offsetH) * HOUR_MS).hour === hour);
}

/**
 * New York City's mean wholesale price of each weekday and hour, $/MWh turned to $/kWh, plus the retail adder.
 * Column he01 is the hour that ends at 01:00, so hour 0. On the day on which the clocks go back the source has one
 * column for the hour that comes twice.
 */
export function nyisoProfile(csv: string | Buffer, retailAdderPerKwh: number): NyisoProfile {
  const rows: Record<string, string>[] = parse(csv, { columns: true });
  const sums = Array.from({ length: 7 * HOURS }, () => ({ sum: 0, count: 0 }));
  let dropped = 0;
  for (const row of rows) {
    const midnightUtcMs = Date.parse(`${row.date}T00:00:00Z`);
    const weekday = new Date(midnightUtcMs).getUTCDay();
    for (let hour = 0; hour < HOURS; hour++) {
      const text = row[`he${String(hour + 1).padStart(2, "0")}`] ?? "";
      const cell = sums[weekday * HOURS + hour];
      if (cell === undefined || text.trim() === "" || !Number.isFinite(Number(text)) || !existed(midnightUtcMs, hour)) {
        dropped++;
        continue;
      }
      cell.sum += Number(text);
      cell.count++;
    }
  }
  const means = sums.map(({ sum, count }) => sum / count / 1000 + retailAdderPerKwh);
  return {
    priceAt: ({ weekday, hour }) => Math.round((means[weekday * HOURS + hour] ?? 0) * 10_000) / 10_000,
    days: rows.length,
    dropped,
  };
}

/** The profile of the recorded prices, 2019-01-02 to 2020-05-11. */
export const loadNyisoProfile = (retailAdderPerKwh: number) => nyisoProfile(readFileSync(FILE), retailAdderPerKwh);
