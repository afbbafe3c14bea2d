import { openRedis, stationSlots } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { type Database, listStations, standingBookings } from "@greenlane/timescale";

/** The servers that are to agree. */
interface Places {
  database: Database;
  redis: { url: string };
}

const OVERLAPS = `
SELECT count(*)::int AS overlaps FROM bookings a JOIN bookings b
  ON a.booking_id < b.booking_id AND a.station_id = b.station_id AND a.connector_id = b.connector_id AND a.slot && b.slot
WHERE a.state IN ('PENDING', 'RESERVED', 'FULFILLED') AND b.state IN ('PENDING', 'RESERVED', 'FULFILLED')`;

/** How many pairs of bookings have a connector at the same time. */
export async function countOverlaps({ database }: Pick<Places, "database">): Promise<number> {
  const { rows } = await database.query<{ overlaps: number }>(OVERLAPS);
  return rows[0]?.overlaps ?? Number.NaN;
}

/** In what Redis and the database differ, a line each; holds that will end by themselves do not count. */
export async function slotDifferences({ database, redis: { url } }: Places): Promise<string[]> {
  const redis = await openRedis(url, silentLogger);
  try {
    const stationIds = (await listStations(database)).map(({ stationId }) => stationId);
    const slots = await stationSlots(redis).read(stationIds);
    const inRedis = stationIds.flatMap((stationId, n) =>
      (slots[n] ?? [])
        .filter(({ heldUntilMs, endMs }) => heldUntilMs === undefined && endMs > Date.now())
        .map(({ id, connectorId, startMs, endMs }) => [id, stationId, connectorId, startMs, endMs].join(" ")),
    );
    const booked = (await standingBookings(database)).map(({ bookingId, stationId, connectorId, startMs, endMs }) =>
      [bookingId, stationId, connectorId, startMs, endMs].join(" "),
    );
    return [
      ...inRedis.filter((slot) => !booked.includes(slot)).map((slot) => `only in Redis: ${slot}`),
      ...booked.filter((slot) => !inRedis.includes(slot)).map((slot) => `only in the database: ${slot}`),
    ];
  } finally {
    redis.disconnect();
  }
}

/** The ids that have a slot of a station in Redis, held or booked. */
export async function slotIds({ redis: { url } }: Pick<Places, "redis">, stationId: string): Promise<string[]> {
  const redis = await openRedis(url, silentLogger);
  const [slots = []] = await stationSlots(redis).read([stationId]);
  redis.disconnect();
  return slots.map(({ id }) => id);
}
