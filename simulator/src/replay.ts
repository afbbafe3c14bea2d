import { readFileSync } from "node:fs";
import type { Read } from "@greenlane/city";
import { type Telemetry, telemetryFault } from "@greenlane/contracts";
import { CsvError, type InfoRecord, parse } from "csv-parse/sync";

/** A file of recorded reports does not hold; the message names file, line and column. */
export class ReplayError extends Error {
  override name = "ReplayError";
}

const NUMBERS = ["lat", "lon", "battery", "velocity", "timestamp"];
const COLUMNS = ["car_id", ...NUMBERS];

interface Row {
  record: Record<string, string>;
  info: InfoRecord;
}

/**
 * Reads recorded reports, in the order of their times; those of one time stay in the order of the file. Where a car
 * reports a moment twice, the first report counts and the others are left out.
 * @throws ReplayError
 */
export function readReplay(file: string): Read<Telemetry> {
  const reports = rowsOf(file).map(({ record, info }) => reportOf(record, `${file}:${info.lines}`));
  const moments = new Set<string>();
  const items = reports.filter(({ carId, timestampMs }) => {
    const moment = `${timestampMs} ${carId}`;
    return !moments.has(moment) && moments.add(moment);
  });
  items.sort((a, b) => a.timestampMs - b.timestampMs);
  return { items, dropped: reports.length - items.length };
}

function rowsOf(file: string): Row[] {
  try {
    const rows: Row[] = parse(readFileSync(file), {
      bom: true,
      columns: (header: string[]) => requireColumns(file, header),
      info: true,
      skip_empty_lines: true,
    });
    if (rows.length === 0) throw new ReplayError(`${file}: holds no report`);
    return rows;
  } catch (error) {
    if (error instanceof CsvError) throw new ReplayError(`${file}:${error.lines}: ${error.message}`, { cause: error });
    if (error instanceof Error && "syscall" in error) throw new ReplayError(error.message, { cause: error });
    throw error;
  }
}

function requireColumns(file: string, header: string[]): string[] {
  const missing = COLUMNS.filter((column) => !header.includes(column));
  if (missing.length === 0) return header;
  throw new ReplayError(`${file}:1: the first line must name ${COLUMNS.join(",")}; ${missing.join(",")} is missing`);
}

/** @throws ReplayError that begins with `where` */
function reportOf(record: Record<string, string>, where: string): Telemetry {
  for (const column of NUMBERS) {
    const text = record[column]?.trim() ?? "";
    if (text === "" || !Number.isFinite(Number(text))) throw new ReplayError(`${where}: ${column} must be a number`);
  }
  const report: Telemetry = {
    carId: record.car_id ?? "",
    latitude: Number(record.lat),
    longitude: Number(record.lon),
    batteryPercent: Number(record.battery),
    velocityKmh: Number(record.velocity),
    timestampMs: Number(record.timestamp),
    chargingStationId: "",
    sessionId: "",
    energyKwh: 0,
    odometerKm: 0,
  };
  const fault = telemetryFault(report);
  if (fault !== null) throw new ReplayError(`${where}: ${fault}`);
  return report;
}
