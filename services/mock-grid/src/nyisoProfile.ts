import { readFileSync } from "node:fs";
import type { PriceProfile } from "@greenlane/domain";
import { parse } from "csv-parse/sync";

const FILE = new URL("../data/nyiso_nyc_hourly_2019_2020.csv", import.meta.url);
const HOURS = 24;

export interface NyisoProfile {
  priceAt: PriceProfile;
  /** Days read, and values left out as they are no numbers. */
  days: number;
  dropped: number;
}

/** New York City's mean wholesale price of each weekday and hour, $/MWh turned to $/kWh, plus the retail adder. */
export function loadNyisoProfile(retailAdderPerKwh: number): NyisoProfile {
  const rows: Record<string, string>[] = parse(readFileSync(FILE), { columns: true });
  const sums = Array.from({ length: 7 * HOURS }, () => ({ sum: 0, count: 0 }));
  let dropped = 0;
  for (const row of rows) {
    const weekday = new Date(`${row.date}T00:00:00Z`).getUTCDay();
    for (let hour = 0; hour < HOURS; hour++) {
      const text = row[`he${String(hour + 1).padStart(2, "0")}`] ?? "";
      const cell = sums[weekday * HOURS + hour];
      if (text === "" || !Number.isFinite(Number(text)) || cell === undefined) {
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
