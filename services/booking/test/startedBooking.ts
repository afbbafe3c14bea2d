import { DEVELOPMENT_API_TOKEN } from "@greenlane/contracts";
import { type Clock, createMetrics, silentLogger, systemClock } from "@greenlane/runtime";
import { startKafka, startPostgres, startRedis, type TestServer } from "@greenlane/testkit";
import {
  closeDatabase,
  type Database,
  migrate,
  openDatabase,
  type Station,
  upsertStations,
} from "@greenlane/timescale";
import { type BookingService, startBooking } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { startTestGrid, type TestGrid } from "./testGrid.ts";

export interface Servers<Store = TestServer> extends AsyncDisposable {
  kafka: TestServer;
  redis: Store;
  postgres: TestServer;
  grid: TestGrid;
  database: Database;
  /** What a booking process is configured with. */
  env: Record<string, string>;
  /** Starts a booking process on these servers, with the defaults but for what is given. */
  booking(env?: Record<string, string>, clock?: Clock): Promise<BookingService>;
}

/** All servers of a test file's own, with some stations. */
export const startServers = (stations: Station[]): Promise<Servers> => startServersOn(startRedis(), stations);

/** The same, with another kind of Redis. */
export async function startServersOn<Store extends AsyncDisposable & { url: string }>(
  starting: Promise<Store>,
  stations: Station[],
): Promise<Servers<Store>> {
  const [kafka, redis, postgres, grid] = await Promise.all([startKafka(), starting, startPostgres(), startTestGrid()]);
  await migrate(postgres.url, silentLogger);
  const database = openDatabase(postgres.url, silentLogger);
  await upsertStations(database, stations);
  const env = {
    KAFKA_BROKERS: kafka.url,
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    GRID_URL: grid.url,
    API_TOKENS: DEVELOPMENT_API_TOKEN,
    GRPC_PORT: "0",
    ADMIN_PORT: "0",
    LISTEN_HOST: "127.0.0.1",
  };
  let processes = 0;
  return {
    kafka,
    redis,
    postgres,
    grid,
    database,
    env,
    booking: (given = {}, clock = systemClock) => {
      const config = readConfig({ ...env, INSTANCE_ID: `test-${++processes}`, ...given });
      return startBooking(config, { logger: silentLogger, metrics: createMetrics("test"), clock });
    },
    [Symbol.asyncDispose]: async () => {
      await closeDatabase(database);
      await Promise.all([kafka, redis, postgres, grid].map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

const CENTRE = { latitude: 40.7549, longitude: -73.984 };

/** Stations in a row to the north, a kilometre apart, each with so many connectors of 50 kW. */
export function stationsInRow(count: number, connectors: number): Station[] {
  return Array.from({ length: count }, (_, n) => ({
    stationId: `station-${n + 1}`,
    name: `Station ${n + 1}`,
    latitude: CENTRE.latitude + n * 0.009,
    longitude: CENTRE.longitude,
    connectors: Array.from({ length: connectors }, (_connector, m) => ({
      connectorId: `c${m + 1}`,
      powerKw: 50,
      type: "CCS",
      status: "available",
    })),
  }));
}
