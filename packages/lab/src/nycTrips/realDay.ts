import { readFileSync } from "node:fs";
import { type Point, seededRandom } from "@greenlane/domain";
import { parse } from "csv-parse/sync";
import type { Customer, Demand } from "../fleetDay/world.ts";
import { NYC } from "./world.ts";

const CARS = 400;
/** Trips that end outside it are not the fleet's, degrees. */
const AREA = { south: 40.68, north: 40.89, west: -74.03, east: -73.9 };

const isInside = ({ latitude, longitude }: Point) =>
  latitude >= AREA.south && latitude <= AREA.north && longitude >= AREA.west && longitude <= AREA.east;

function minutesOfDay(time: string): number {
  const [hours, minutes] = time.slice(11).split(":").map(Number);
  return (hours as number) * 60 + (minutes as number);
}

/** The real trips of 21 December 2014, by the time of asking; without those that go nowhere or leave the area. */
export function realCustomers(): Customer<Point>[] {
  const rows: Record<string, string>[] = parse(
    readFileSync(new URL("../../data/nyc-trips/manhattan_trips_2014-12-21.csv", import.meta.url)),
    { columns: true },
  );
  return rows
    .map((row) => {
      const from = { latitude: Number(row.o_lat), longitude: Number(row.o_lon) };
      const to = { latitude: Number(row.d_lat), longitude: Number(row.d_lon) };
      return { askedMin: minutesOfDay(row.departure_time ?? ""), from, to, tripKm: NYC.distanceKm(from, to) };
    })
    .filter(({ tripKm, to }) => tripKm > 0 && isInside(to));
}

/** The real day for a fleet whose cars begin where a seed says: each where some trip of the day does. */
export function realDay(seed: number): Demand<Point> {
  const customers = realCustomers();
  const random = seededRandom(seed);
  const cars = Array.from({ length: CARS }, () => {
    const customer = customers[Math.floor(random() * customers.length)] as Customer<Point>;
    return customer.from;
  });
  return { customers, cars };
}
