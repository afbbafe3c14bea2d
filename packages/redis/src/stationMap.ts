import { STATION_LOCATIONS_KEY } from "@greenlane/contracts";
import type { Point } from "@greenlane/domain";
import type { Cluster, Redis } from "ioredis";
import { isHeldByGeo, membersNear } from "./geoSet.ts";

/** Where the stations are. */
export interface StationMap {
  /** Replaces the whole map at once. A station where GEO can hold none is left out. @returns how many are on the map */
  place(stations: (Point & { stationId: string })[]): Promise<number>;
  /** How many are on the map: none, when Redis has lost it. */
  size(): Promise<number>;
  /** The stations within a radius, nearest first. */
  near(point: Point, radiusKm: number, limit: number): Promise<{ stationId: string; distanceKm: number }[]>;
}

export function stationMap(redis: Redis | Cluster): StationMap {
  return {
    async place(stations) {
      const placed = stations.filter(isHeldByGeo);
      const transaction = redis.multi().del(STATION_LOCATIONS_KEY);
      for (const { longitude, latitude, stationId } of placed) {
        transaction.geoadd(STATION_LOCATIONS_KEY, longitude, latitude, stationId);
      }
      const answers = await transaction.exec();
      const failure = answers?.find(([error]) => error !== null)?.[0];
      if (answers === null || failure) throw failure ?? new Error("Redis dropped the placing of the stations");
      return placed.length;
    },
    size: () => redis.zcard(STATION_LOCATIONS_KEY),
    async near(point, radiusKm, limit) {
      const found = await membersNear(redis, STATION_LOCATIONS_KEY, point, radiusKm, limit);
      return found.map(({ member, distanceKm }) => ({ stationId: member, distanceKm }));
    },
  };
}
