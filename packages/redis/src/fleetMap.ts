import { carKey, FLEET_LAST_SEEN_KEY, FLEET_LOCATIONS_KEY } from "@greenlane/contracts";
import type { Point } from "@greenlane/domain";
import type { Redis } from "./client.ts";
import { membersNear } from "./geoSet.ts";

/** A car's last report as Redis holds it. */
export interface CarState {
  carId: string;
  /** Undefined when Redis knows no place: the car is where GEO can hold none, and its hash names none. */
  latitude: number | undefined;
  longitude: number | undefined;
  batteryPercent: number;
  velocityKmh: number;
  timestampMs: number;
  chargingStationId: string;
  sessionId: string;
  energyKwh: number;
  odometerKm: number;
}

/** The last reports of some cars, in their order; undefined for a car that Redis does not know. */
export async function carStates(redis: Redis, carIds: string[]): Promise<(CarState | undefined)[]> {
  if (carIds.length === 0) return [];
  const [places, ...hashes] = await Promise.all([
    redis.geopos(FLEET_LOCATIONS_KEY, ...carIds),
    ...carIds.map((carId) => redis.hgetall(carKey(carId))),
  ]);
  return carIds.map((carId, n) => asCarState(carId, hashes[n] ?? {}, places[n] ?? null));
}

/** The last report of a car; undefined when Redis knows none. */
export async function carState(redis: Redis, carId: string): Promise<CarState | undefined> {
  return (await carStates(redis, [carId]))[0];
}

/** Other writers may leave out all but battery, velocity and timestamp; the place is then the map's. */
function asCarState(
  carId: string,
  hash: Record<string, string>,
  place: [longitude: string, latitude: string] | null,
): CarState | undefined {
  if (hash.timestamp === undefined) return undefined;
  const degrees = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return {
    carId,
    latitude: degrees(hash.lat ?? place?.[1]),
    longitude: degrees(hash.lon ?? place?.[0]),
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
  centre: Point,
  radiusKm: number,
  limit: number,
): Promise<{ carId: string; distanceKm: number }[]> {
  const found = await membersNear(redis, FLEET_LOCATIONS_KEY, centre, radiusKm, limit);
  return found.map(({ member, distanceKm }) => ({ carId: member, distanceKm }));
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

/** How many cars have a last report older than a moment (Unix ms). */
export const countSilentCars = (redis: Redis, beforeMs: number): Promise<number> =>
  redis.zcount(FLEET_LAST_SEEN_KEY, "-inf", `(${beforeMs}`);

/** How many cars Redis has a report of, and how many of them are on its map. */
export async function countCars(redis: Redis): Promise<{ seen: number; onMap: number }> {
  const [seen, onMap] = await Promise.all([redis.zcard(FLEET_LAST_SEEN_KEY), redis.zcard(FLEET_LOCATIONS_KEY)]);
  return { seen, onMap };
}
