import { readFileSync } from "node:fs";
import { type Telemetry, telemetryFault } from "@greenlane/contracts";
import { parse } from "csv-parse/sync";

/** A file of recorded reports does not hold; the message names line and column. */
export class ReplayError extends Error {
  override name = "ReplayError";
}

const COLUMNS = ["car_id", "lat", "lon", "battery", "velocity", "timestamp"];

/** Reads recorded reports, in the order of their times. @throws ReplayError */
export function readReplay(file: string): Telemetry[] {
  const rows: Record<string, string>[] = parse(readFileSync(file), {
    columns: true,
    skip_empty_lines: true,
    bom: true,
  });
  const missing = COLUMNS.filter((column) => rows[0] !== undefined && !(column in rows[0]));
  if (rows.length === 0 || missing.length > 0)
    throw new ReplayError(`${file}: the first line must name ${COLUMNS.join(",")}`);
  const reports = rows.map((row, n) => {
    for (const column of COLUMNS.slice(1)) {
      if (!row[column] || !Number.isFinite(Number(row[column])))
        throw new ReplayError(`${file}:${n + 2}: ${column} must be a number`);
    }
    const report: Telemetry = {
      carId: row.car_id ?? "",
      latitude: Number(row.lat),
      longitude: Number(row.lon),
      batteryPercent: Number(row.battery),
      velocityKmh: Number(row.velocity),
      timestampMs: Number(row.timestamp),
      chargingStationId: "",
      sessionId: "",
      energyKwh: 0,
      odometerKm: 0,
    };
    const fault = telemetryFault(report);
    if (fault !== null) throw new ReplayError(`${file}:${n + 2}: ${fault}`);
    return report;
  });
  return reports.sort((a, b) => a.timestampMs - b.timestampMs);
}
