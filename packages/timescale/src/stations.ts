import type { Database } from "./database.ts";

export type ConnectorStatus = "available" | "out-of-order";

export interface StationConnector {
  connectorId: string;
  powerKw: number;
  type: string;
  status: ConnectorStatus;
}

export interface Station {
  stationId: string;
  name: string;
  latitude: number;
  longitude: number;
  connectors: StationConnector[];
}

export async function upsertStations(_database: Database, _stations: Station[]): Promise<void> {
  throw new Error("not there yet");
}

export async function listStations(_database: Database): Promise<Station[]> {
  throw new Error("not there yet");
}

export async function setConnectorStatus(
  _database: Database,
  _stationId: string,
  _connectorId: string | undefined,
  _status: ConnectorStatus,
): Promise<number> {
  throw new Error("not there yet");
}
