import { float8Array, textArray } from "./binaryArrays.ts";
import { type Database, inTransaction } from "./database.ts";

export type ConnectorStatus = "available" | "out-of-order";

export interface StationConnector {
  connectorId: string;
  powerKw: number;
  /** The kind of its plug. */
  type: string;
  status: ConnectorStatus;
}

export interface Station {
  stationId: string;
  name: string;
  /** Degrees, WGS84. */
  latitude: number;
  longitude: number;
  connectors: StationConnector[];
}

const UPSERT_STATIONS = `
INSERT INTO stations AS s (station_id, name, latitude, longitude)
SELECT * FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) ORDER BY 1
ON CONFLICT (station_id) DO UPDATE SET name = excluded.name, latitude = excluded.latitude, longitude = excluded.longitude
WHERE s <> excluded`;

const UPSERT_CONNECTORS = `
INSERT INTO connectors AS c (station_id, connector_id, power_kw, connector_type, status)
SELECT * FROM unnest($1::text[], $2::text[], $3::float8[], $4::text[], $5::text[]) ORDER BY 1, 2
ON CONFLICT (station_id, connector_id) DO UPDATE SET power_kw = excluded.power_kw, connector_type = excluded.connector_type
WHERE (c.power_kw, c.connector_type) <> (excluded.power_kw, excluded.connector_type)`;

/**
 * Takes in stations and connectors. Of those that are there already the status stays, which is an operator's to say;
 * those that are not named stay, as bookings refer to them.
 */
export async function upsertStations(database: Database, stations: Station[]): Promise<void> {
  const connectors = stations.flatMap((station) =>
    station.connectors.map((connector) => ({ stationId: station.stationId, ...connector })),
  );
  await inTransaction(database, async (session) => {
    await session.query(UPSERT_STATIONS, [
      textArray(stations.map(({ stationId }) => stationId)),
      textArray(stations.map(({ name }) => name)),
      float8Array(stations.map(({ latitude }) => latitude)),
      float8Array(stations.map(({ longitude }) => longitude)),
    ]);
    await session.query(UPSERT_CONNECTORS, [
      textArray(connectors.map(({ stationId }) => stationId)),
      textArray(connectors.map(({ connectorId }) => connectorId)),
      float8Array(connectors.map(({ powerKw }) => powerKw)),
      textArray(connectors.map(({ type }) => type)),
      textArray(connectors.map(({ status }) => status)),
    ]);
  });
}

/** All stations and their connectors, each in the order of their ids. */
export async function listStations(database: Database): Promise<Station[]> {
  const { rows } = await database.query<Station>(
    `SELECT station_id AS "stationId", name, latitude, longitude, coalesce((
       SELECT json_agg(json_build_object('connectorId', connector_id, 'powerKw', power_kw, 'type', connector_type, 'status', status)
                       ORDER BY connector_id)
       FROM connectors WHERE connectors.station_id = stations.station_id), '[]') AS connectors
     FROM stations ORDER BY station_id`,
  );
  return rows;
}

/**
 * Says of a connector, or of all of a station (undefined), whether it works. It waits for bookings under way that saw
 * it work: what is booked on a connector that is out of order can be found when this resolves.
 * @returns how many connectors it was said of
 */
export async function setConnectorStatus(
  database: Database,
  stationId: string,
  connectorId: string | undefined,
  status: ConnectorStatus,
): Promise<number> {
  const { rows } = await database.query<{ connectors: number }>(
    `WITH named AS (
       SELECT station_id, connector_id FROM connectors WHERE station_id = $1 AND ($2::text IS NULL OR connector_id = $2)
       ORDER BY connector_id FOR NO KEY UPDATE
     ), changed AS (
       UPDATE connectors SET status = $3 FROM named
       WHERE (connectors.station_id, connectors.connector_id) = (named.station_id, named.connector_id) AND status <> $3
     )
     SELECT count(*)::int AS connectors FROM named`,
    [stationId, connectorId ?? null, status],
  );
  return rows[0]?.connectors ?? 0;
}
