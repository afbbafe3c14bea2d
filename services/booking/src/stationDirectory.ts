import { distanceKm, type Point, roadKm, type Travel } from "@greenlane/domain";
import type { Database, Station } from "@greenlane/timescale";
import { listStations } from "@greenlane/timescale";

/** Where there are few stations, all are considered. */
const NEAREST = 12;

/** The stations as the database has them, in memory. */
export class StationDirectory {
  readonly #database: Database;
  #stations: ReadonlyMap<string, Station> = new Map();

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
      const byDistance = [...this.#stations.values()]
        .map((station) => ({ station, km: distanceKm(place, station) }))
        .sort((a, b) => a.km - b.km);
      for (const { station } of byDistance.slice(0, NEAREST)) chosen.add(station);
    }
    return [...chosen];
  }
}
