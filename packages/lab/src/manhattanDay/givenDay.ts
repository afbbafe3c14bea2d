import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import type { Demand } from "../fleetDay/world.ts";
import type { GridPlace } from "./world.ts";

/** How many customers the given days have, and which days there are of each. */
export const GIVEN_CUSTOMERS = [3000, 4000] as const;
export const GIVEN_SEEDS = [100, 101, 102, 103, 104] as const;

const rowsOf = (file: string): Record<string, number>[] =>
  parse(readFileSync(new URL(`../../data/manhattan-day/${file}`, import.meta.url)), {
    columns: true,
    cast: (value, { header }) => (header ? value : Number(value)),
  });

/** One of the ten given days. @throws Error (ENOENT) for a day that is not given */
export function givenDay(customers: number, seed: number): Demand<GridPlace> {
  return {
    customers: rowsOf(`trips_${customers}_${seed}.csv`).map(({ t_min, ox, oy, dx, dy, len_km }) => ({
      askedMin: t_min as number,
      from: { x: ox as number, y: oy as number },
      to: { x: dx as number, y: dy as number },
      tripKm: len_km as number,
    })),
    cars: rowsOf(`cars_${customers}_${seed}.csv`).map(({ x, y }) => ({ x: x as number, y: y as number })),
  };
}
