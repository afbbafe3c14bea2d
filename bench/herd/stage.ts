import { setTimeout as sleep } from "node:timers/promises";
import { API_TOKEN_METADATA, type ListStationsResponse__Output, loadFleetPackage } from "@greenlane/contracts";
import { type Database, type Station, upsertStations } from "@greenlane/timescale";
import { credentials, Metadata } from "@grpc/grpc-js";

const POLL_MS = 50;
const TIMEOUT_MS = 30_000;

/** Puts the stations of a herd into the database, in place of those of the one before, and its bookings. */
export async function registerStations(database: Database, stations: Station[]): Promise<void> {
  for (const table of ["bookings", "connectors", "stations"]) await database.query(`DELETE FROM ${table}`);
  await upsertStations(database, stations);
}

/** Waits until a booking process has these stations, all and no others. @throws Error when it does not come to know them */
export async function stationsKnown(target: string, token: string, stations: Station[]): Promise<void> {
  const wanted = new Set(stations.map(({ stationId }) => stationId));
  const deadlineMs = Date.now() + TIMEOUT_MS;
  const ask = stationLister(target, token);
  try {
    for (;;) {
      const known = await ask.list();
      if (known.length === wanted.size && known.every((stationId) => wanted.has(stationId))) return;
      if (Date.now() > deadlineMs) throw new Error(`the process at ${target} does not come to know the stations`);
      await sleep(POLL_MS);
    }
  } finally {
    ask.close();
  }
}

function stationLister(target: string, token: string) {
  const { NegotiationService } = loadFleetPackage();
  const client = new NegotiationService(target, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set(API_TOKEN_METADATA, token);
  return {
    list: () =>
      new Promise<string[]>((resolve, reject) => {
        client.ListStations({}, metadata, (error, answer?: ListStationsResponse__Output) => {
          if (error !== null || answer === undefined) reject(error);
          else resolve(answer.stations.map(({ station_id }) => station_id));
        });
      }),
    close: () => client.close(),
  };
}
