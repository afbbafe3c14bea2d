import { randomUUID } from "node:crypto";
import { openRedis } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { type OwnServers, ServiceProcesses } from "@greenlane/stage";
import { closeDatabase, openDatabase, type Station, upsertStations } from "@greenlane/timescale";
import { stationsKnown } from "../herd/stage.ts";
import { Clocks } from "./clocks.ts";
import type { FaultStage } from "./fault.ts";
import { LoadProcess } from "./load/loadProcess.ts";

export interface StageSize {
  cars: number;
  eventsPerSecond: number;
  bookingsPerSecond: number;
}

const CENTRE = { latitude: 40.75, longitude: -73.98 };
const STATIONS = 50;
const CONNECTORS = 4;
const POWER_KW = 50;

const INGESTION = {
  /** The load reports of the past too, so that prices of many hours are needed. */
  MAX_EVENT_AGE_MS: `${7 * 86_400_000}`,
  /** A connection that is dead is known as such within the time that a fault lasts. */
  KEEPALIVE_MS: "3000",
  /** So is a client that reads nothing. */
  ACK_UNREAD_MS: "3000",
};

/** What a stage's servers are. */
export interface StageServers extends OwnServers {
  disks?: FaultStage["disks"];
}

/** Starts all services on these servers, and the load, whose cars keep still. @throws Error when one does not come up */
export async function startFaultStage(
  { disks, ...servers }: StageServers,
  { cars, eventsPerSecond, bookingsPerSecond }: StageSize,
): Promise<FaultStage & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const token = randomUUID();
  const clocks = opening.use(new Clocks());
  const processes = opening.use(new ServiceProcesses("chaos", servers, { API_TOKENS: token }));
  const grid = await processes.start("mock-grid", clocks.of("grid"));
  const { env, nodeArgs } = clocks.of("ingestion");
  const ingestion = await processes.start("ingestion", { env: { ...INGESTION, ...env }, nodeArgs });
  const worker = await processes.start("pricing-worker", clocks.of("worker"));
  const booking = await processes.start("booking", clocks.of("booking"));
  const url = `${servers.postgres.url}?application_name=chaos`;
  const database = opening.adopt(openDatabase(url, silentLogger), closeDatabase);
  const redis = opening.adopt(await openRedis(servers.redis.url, silentLogger), (client) => client.disconnect());
  const stations = stationsAround();
  await upsertStations(database, stations);
  const target = (grpcPort: number) => `127.0.0.1:${grpcPort}`;
  await stationsKnown(target(booking.grpcPort), token, stations);
  const load = opening.use(
    await LoadProcess.start({
      cars,
      eventsPerSecond,
      bookingsPerSecond,
      name: "chaos",
      token,
      ingestion: target(ingestion.grpcPort),
      booking: target(booking.grpcPort),
      centre: CENTRE,
    }),
  );
  const started = opening.move();
  return {
    servers,
    processes,
    grid,
    ingestion,
    worker,
    booking,
    load,
    database,
    redis,
    clocks,
    disks,
    token,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** In rows, some 300 m apart. */
function stationsAround(): Station[] {
  const perRow = Math.ceil(Math.sqrt(STATIONS));
  return Array.from({ length: STATIONS }, (_, n) => ({
    stationId: `chaos-station-${n}`,
    name: `Station ${n}`,
    latitude: CENTRE.latitude + (Math.floor(n / perRow) - perRow / 2) * 0.003,
    longitude: CENTRE.longitude + ((n % perRow) - perRow / 2) * 0.003,
    connectors: Array.from({ length: CONNECTORS }, (_, c) => ({
      connectorId: `c${c}`,
      powerKw: POWER_KW,
      type: "CCS",
      status: "available" as const,
    })),
  }));
}
