import { readFileSync } from "node:fs";
import type { Point } from "@greenlane/domain";
import { parse } from "csv-parse/sync";

/** A trip that somebody asked for. */
export interface Trip {
  from: Point;
  to: Point;
}

/** A charging station, in the shape in which the database takes it in. */
export interface Station extends Point {
  stationId: string;
  name: string;
  /** At least one. */
  connectors: Connector[];
}

export interface Connector {
  connectorId: string;
  powerKw: number;
  /** The kind of its plug. */
  type: string;
  status: "available";
}

/** What all cars share. */
export interface City {
  /** In any order; at least one each. */
  trips: Trip[];
  stations: Station[];
}

/** Records read, and how many were left out. */
export interface Read<Item> {
  items: Item[];
  dropped: number;
}

const rowsOf = (file: string): Record<string, string>[] =>
  parse(readFileSync(new URL(`../data/${file}`, import.meta.url)), { columns: true });

/** Manhattan and its surroundings; what lies outside is an error of the source's. */
function inCity({ latitude, longitude }: Point): boolean {
  return latitude >= 40.68 && latitude <= 40.89 && longitude >= -74.03 && longitude <= -73.9;
}

/** The taxi trips of a Sunday in Manhattan; those that go nowhere or leave the city are left out. */
export function readTrips(): Read<Trip> {
  const rows = rowsOf("manhattan_trips_2014-12-21.csv");
  const items = rows
    .map((row) => ({
      from: { latitude: Number(row.o_lat), longitude: Number(row.o_lon) },
      to: { latitude: Number(row.d_lat), longitude: Number(row.d_lon) },
    }))
    .filter(
      ({ from, to }) =>
        inCity(from) && inCity(to) && (from.latitude !== to.latitude || from.longitude !== to.longitude),
    );
  return { items, dropped: rows.length - items.length };
}

/** What the file does not tell of a fast charger, or tells of plugs that adapters make the same. */
const DC_CONNECTOR = { powerKw: 50, type: "CCS", status: "available" } as const;

/** The sites in Manhattan with fast (DC) charging, each with as many connectors as it has ports; others are left out. */
export function readStations(): Read<Station> {
  const rows = rowsOf("manhattan_afdc_2025-04.csv");
  const items = rows.flatMap((row) => {
    const ports = Number(row["EV DC Fast Count"]);
    if (ports === 0) return [];
    return {
      stationId: `afdc-${row.ID}`,
      name: row["Station Name"] ?? "",
      latitude: Number(row.Latitude),
      longitude: Number(row.Longitude),
      connectors: Array.from({ length: ports }, (_, n) => ({ connectorId: `${n + 1}`, ...DC_CONNECTOR })),
    };
  });
  return { items, dropped: rows.length - items.length };
}

/** Manhattan as the data has it. */
export function readCity(): City {
  return { trips: readTrips().items, stations: readStations().items };
}
