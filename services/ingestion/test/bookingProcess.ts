import {
  API_TOKEN_METADATA,
  type BookingRequest,
  type BookingResponse__Output,
  type ConnectorStatus,
  DEVELOPMENT_API_TOKEN,
  loadFleetPackage,
  type SetStationStatusRequest,
} from "@greenlane/contracts";
import { freePort } from "@greenlane/local-servers";
import { silentLogger } from "@greenlane/runtime";
import { startPostgres, startServiceProcess } from "@greenlane/testkit";
import { closeDatabase, migrate, openDatabase, upsertStations } from "@greenlane/timescale";
import { credentials, Metadata } from "@grpc/grpc-js";
import type { Servers } from "./startedIngestion.ts";

/** Station S-1 with three connectors, and a booking process that waits a second for a car. */
export interface BookingProcess extends AsyncDisposable {
  /** Books at a station. @throws Error when that fails */
  book(request: BookingRequest): Promise<BookingResponse__Output>;
  setStatus(of: SetStationStatusRequest, status: typeof ConnectorStatus.OUT_OF_ORDER): Promise<void>;
}

const CONNECTORS = ["1", "2", "3"].map((connectorId) => ({
  ...{ connectorId, powerKw: 50, type: "CCS", status: "available" as const },
}));

/** Starts the booking process and what it needs beyond a test's Kafka and Redis: a database and the mock grid. */
export async function startBookingProcess({ kafka, redis }: Servers): Promise<BookingProcess> {
  await using opening = new AsyncDisposableStack();
  const postgres = opening.use(await startPostgres());
  await migrate(postgres.url, silentLogger);
  const database = openDatabase(postgres.url, silentLogger);
  const place = { latitude: 40.7, longitude: -74 };
  await upsertStations(database, [{ stationId: "S-1", name: "First", ...place, connectors: CONNECTORS }]);
  await closeDatabase(database);
  const [gridPort, adminPort, grpcPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const local = { LISTEN_HOST: "127.0.0.1" };
  opening.use(await startServiceProcess("mock-grid", gridPort, { ...local, PORT: `${gridPort}` }));
  opening.use(
    await startServiceProcess("booking", adminPort, {
      ...{ ...local, ADMIN_PORT: `${adminPort}`, GRPC_PORT: `${grpcPort}`, ARRIVAL_WINDOW_MS: "1000" },
      ...{ KAFKA_BROKERS: kafka.url, REDIS_URL: redis.url, DATABASE_URL: postgres.url },
      GRID_URL: `http://127.0.0.1:${gridPort}`,
    }),
  );
  const { NegotiationService } = loadFleetPackage();
  const client = new NegotiationService(`127.0.0.1:${grpcPort}`, credentials.createInsecure());
  opening.defer(() => client.close());
  const metadata = new Metadata();
  metadata.set(API_TOKEN_METADATA, DEVELOPMENT_API_TOKEN);
  const started = opening.move();
  return {
    book: (request) =>
      new Promise((resolve, reject) => {
        client.RequestBooking({ battery_level: 40, ...request }, metadata, (error, booked) =>
          booked === undefined ? reject(error) : resolve(booked),
        );
      }),
    setStatus: (of, status) =>
      new Promise((resolve, reject) => {
        client.SetStationStatus({ ...of, status }, metadata, (error) => (error === null ? resolve() : reject(error)));
      }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
