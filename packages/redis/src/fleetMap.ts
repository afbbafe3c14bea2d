import { carKey, FLEET_LAST_SEEN_KEY, FLEET_LOCATIONS_KEY } from "@greenlane/contracts";
import type { Redis } from "ioredis";

/** A car's last report as Redis holds it. */
export interface CarState {
  carId: string;
  latitude: number;
  longitude: number;
  batteryPercent: number;
  velocityKmh: number;
  timestampMs: number;
  chargingStationId: string;
  sessionId: string;
  energyKwh: number;
  odometerKm: number;
}

/** The last report of a car; undefined when Redis knows none. */
export async function carState(redis: Redis, carId: string): Promise<CarState | undefined> {
  const hash = await redis.hgetall(carKey(carId));
  if (hash.timestamp === undefined) return undefined;
  return {
    carId,
    latitude: Number(hash.lat),
    longitude: Number(hash.lon),
    batteryPercent: Number(hash.battery),
    velocityKmh: Number(hash.velocity),
    timestampMs: Number(hash.timestamp),
    chargingStationId: hash.charging_station_id ?? "",
    sessionId: hash.session_id ?? "",
    energyKwh: Number(hash.energy_kwh ?? 0),
    odometerKm: Number(hash.odometer_km ?? 0),
  };
}

/** Cars within a radius, nearest first, with their distance in km. */
export async function carsNear(
  redis: Redis,
  centre: { latitude: number; longitude: number },
  radiusKm: number,
  limit: number,
): Promise<{ carId: string; distanceKm: number }[]> {
  const rows = (await redis.geosearch(
    FLEET_LOCATIONS_KEY,
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
  return rows.map(([carId, distance]) => ({ carId, distanceKm: Number(distance) }));
}

/** Cars whose last report is older than a moment (Unix ms), longest silent first. */
export async function silentCars(
  redis: Redis,
  beforeMs: number,
  limit: number,
): Promise<{ carId: string; lastSeenMs: number }[]> {
  const flat = await redis.zrange(
    FLEET_LAST_SEEN_KEY,
    "-inf",
    `(${beforeMs}`,
    "BYSCORE",
    "LIMIT",
    0,
    limit,
    "WITHSCORES",
  );
  const cars: { carId: string; lastSeenMs: number }[] = [];
  for (let n = 0; n + 1 < flat.length; n += 2) cars.push({ carId: flat[n] ?? "", lastSeenMs: Number(flat[n + 1]) });
  return cars;
}

/** How many cars Redis has a report of, and how many of them are on its map. */
export async function countCars(redis: Redis): Promise<{ seen: number; onMap: number }> {
  const [seen, onMap] = await Promise.all([redis.zcard(FLEET_LAST_SEEN_KEY), redis.zcard(FLEET_LOCATIONS_KEY)]);
  return { seen, onMap };
}
