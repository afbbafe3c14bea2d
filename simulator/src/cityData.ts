import { readFileSync } from "node:fs";
import type { Point } from "@greenlane/domain";
import { parse } from "csv-parse/sync";

/** A trip that somebody asked for. */
export interface Trip {
  from: Point;
  to: Point;
}

export interface Station {
  stationId: string;
  at: Point;
  /** Of one connector, kW. */
  powerKw: number;
}

/** What all cars share. */
export interface City {
  /** In any order; at least one each. */
  trips: Trip[];
  stations: Station[];
}

/** Records read, and how many were left out, and why. */
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

const DC_POWER_KW = 50;

/** The sites in Manhattan with fast (DC) charging; all others are left out. */
export function readStations(): Read<Station> {
  const rows = rowsOf("manhattan_afdc_2025-04.csv");
  const items = rows
    .filter((row) => Number(row["EV DC Fast Count"]) > 0)
    .map((row) => ({
      stationId: `afdc-${row.ID}`,
      at: { latitude: Number(row.Latitude), longitude: Number(row.Longitude) },
      powerKw: DC_POWER_KW,
    }));
  return { items, dropped: rows.length - items.length };
}

/** Manhattan as the data has it. */
export function readCity(): City {
  return { trips: readTrips().items, stations: readStations().items };
}
