import type { Point } from "@greenlane/domain";
import type { Cluster, Redis } from "ioredis";

/** Web Mercator's limit, beyond which Redis GEO holds no point. */
const GEO_MAX_LATITUDE = 85.05112878;

/** Whether a GEO set can hold a point. */
export const isHeldByGeo = ({ latitude, longitude }: Point) =>
  Math.abs(latitude) <= GEO_MAX_LATITUDE && Math.abs(longitude) <= 180;

/** The members of a GEO set within a radius, nearest first. */
export async function membersNear(
  redis: Redis | Cluster,
  key: string,
  centre: Point,
  radiusKm: number,
  limit: number,
): Promise<{ member: string; distanceKm: number }[]> {
  const rows = (await redis.geosearch(
    key,
    "FROMLONLAT",
    centre.longitude,
    centre.latitude,
    "BYRADIUS",
    radiusKm,
    "km",
    "ASC",
    "COUNT",
    limit,
    "WITHDIST",
  )) as [string, string][];
  return rows.map(([member, distance]) => ({ member, distanceKm: Number(distance) }));
}
