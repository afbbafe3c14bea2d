import type { Point } from "@greenlane/domain";
import type { Customer } from "../fleetDay/world.ts";

const KM_PER_DEGREE = 111.195;
/** Trips are counted by squares of so many km. */
const SQUARE_KM = 0.25;

/**
 * The share of all trips that begin within so many km of a place both eastward and northward, 0 to 1, to the square: of
 * the real day, as a fleet knows it of the days before, that is where they begin and not when.
 */
export function demandOf(customers: readonly Customer<Point>[]): (place: Point, km: number) => number {
  const south = Math.min(...customers.map(({ from }) => from.latitude));
  const west = Math.min(...customers.map(({ from }) => from.longitude));
  const kmPerLongitude = KM_PER_DEGREE * Math.cos((south * Math.PI) / 180);
  const east = ({ longitude }: Point) => ((longitude - west) * kmPerLongitude) / SQUARE_KM;
  const north = ({ latitude }: Point) => ((latitude - south) * KM_PER_DEGREE) / SQUARE_KM;
  const columns = Math.floor(Math.max(...customers.map(({ from }) => east(from)))) + 1;
  const rows = Math.floor(Math.max(...customers.map(({ from }) => north(from)))) + 1;
  const count = new Float64Array((columns + 1) * (rows + 1));
  const at = (column: number, row: number) => row * (columns + 1) + column;
  for (const { from } of customers) {
    const square = at(Math.floor(east(from)) + 1, Math.floor(north(from)) + 1);
    count[square] = (count[square] as number) + 1;
  }
  // From here on each holds what is south-west of it.
  for (let row = 1; row <= rows; row++) {
    for (let column = 1; column <= columns; column++) {
      const [own, west, south, both] = [
        at(column, row),
        at(column - 1, row),
        at(column, row - 1),
        at(column - 1, row - 1),
      ];
      count[own] =
        (count[own] as number) + (count[west] as number) + (count[south] as number) - (count[both] as number);
    }
  }
  const southWestOf = (eastward: number, northward: number) => {
    const column = Math.max(0, Math.min(columns, Math.round(eastward)));
    return count[at(column, Math.max(0, Math.min(rows, Math.round(northward))))] as number;
  };
  return (place, km) => {
    const [x, y, squares] = [east(place), north(place), km / SQUARE_KM];
    const [left, right, low, high] = [x - squares, x + squares, y - squares, y + squares];
    const within =
      southWestOf(right, high) - southWestOf(left, high) - southWestOf(right, low) + southWestOf(left, low);
    return within / customers.length;
  };
}
