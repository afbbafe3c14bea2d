import { arcKm, keepFirst, type Place, type Point, placeOf, roadKm, type Travel } from "@greenlane/domain";
import type { Database, Station } from "@greenlane/timescale";
import { listStations } from "@greenlane/timescale";

/** Where there are few stations, all are considered. */
const NEAREST = 12;

/** The stations as the database has them, in memory. */
export class StationDirectory {
  readonly #database: Database;
  #stations: ReadonlyMap<string, Station> = new Map();
  #places: readonly { station: Station; place: Place }[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  get all(): Iterable<Station> {
    return this.#stations.values();
  }

  get size(): number {
    return this.#stations.size;
  }

  get(stationId: string): Station | undefined {
    return this.#stations.get(stationId);
  }

  /** Reads them anew. @throws what the database throws; the old ones stay */
  async refresh(): Promise<void> {
    const stations = await listStations(this.#database);
    this.#stations = new Map(stations.map((station) => [station.stationId, station]));
    this.#places = stations.map((station) => ({ station, place: placeOf(station) }));
  }

  /** The ids of those nearer by road than so many km. */
  within(place: Point, km: number, travel: Travel): string[] {
    const nearer = [...this.all].filter((station) => roadKm(place, station, travel) < km);
    return nearer.map(({ stationId }) => stationId);
  }

  /** The stations that matter to cars at these places: of each the nearest ones. */
  around(places: Iterable<Point>): Station[] {
    if (this.#stations.size <= NEAREST) return [...this.#stations.values()];
    const chosen = new Set<Station>();
    for (const place of places) {
      if (chosen.size === this.#stations.size) break;
      for (const { station } of this.#nearest(place)) chosen.add(station);
    }
    return [...chosen];
  }

  /** In order: one pass, as few are wanted of many. */
  #nearest(point: Point): NearStation[] {
    const nearest: NearStation[] = [];
    const from = placeOf(point);
    for (const { station, place } of this.#places) {
      keepFirst(nearest, { station, km: arcKm(from, place) }, NEAREST, isNearer);
    }
    return nearest;
  }
}

interface NearStation {
  station: Station;
  km: number;
}

const isNearer = (a: NearStation, b: NearStation) => a.km < b.km;
