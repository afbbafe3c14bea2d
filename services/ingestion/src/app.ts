import { openLogWriter, openTopicAdmin } from "@greenlane/kafka";
import { openRedis, startFleetMapWriter } from "@greenlane/redis";
import { type Readiness, type Runtime, type Service, startAdminServer } from "@greenlane/runtime";
import { tellBookingNews } from "./bookingNews.ts";
import { startCarServer } from "./carServer.ts";
import { CarsHere } from "./carsHere.ts";
import type { IngestionConfig } from "./config.ts";
import { startConnectivityLog } from "./connectivityLog.ts";
import type { ServedStream } from "./pacedStream.ts";
import { startTelemetryLog } from "./telemetryLog.ts";

export interface Ingestion extends Service {
  readiness(): Readiness;
  grpcPort: number;
  adminPort: number;
}

/** Starts ingestion. Rejects when Kafka does not answer or a port is taken; Redis may be away. */
export async function startIngestion(config: IngestionConfig, runtime: Runtime): Promise<Ingestion> {
  const { logger, metrics } = runtime;
  await using opening = new AsyncDisposableStack();
  {
    await using admin = await openTopicAdmin(config, "ingestion", logger);
    await admin.ensureTopics();
  }
  const writer = opening.use(await openLogWriter(config, "ingestion", logger));
  const redis = opening.adopt(await openRedis(config.REDIS_URL, logger), (client) => client.disconnect());
  const map = opening.use(
    startFleetMapWriter(redis, runtime, {
      maxWaitingCars: config.MAX_WAITING_POSITIONS,
      forgetAfterMs: config.CAR_FORGOTTEN_AFTER_MS,
    }),
  );
  const log = opening.use(
    startTelemetryLog(writer, runtime, {
      instance: config.INSTANCE_ID,
      maxEvents: config.BATCH_MAX_EVENTS,
      lanes: config.BATCHES_IN_FLIGHT,
      gatherMs: config.BATCH_GATHER_MS,
      maxWaiting: config.MAX_WAITING_EVENTS,
      onDurable: (event) => map.record(event),
    }),
  );
  const connectivity = opening.use(startConnectivityLog(writer, runtime, config.INSTANCE_ID));
  const here = new CarsHere<ServedStream>();
  opening.use(await tellBookingNews(config, here, runtime));
  const readiness = () => ({
    ready: !log.isFailing(),
    checks: {
      kafka: log.isFailing() ? "away: cars are told to come back" : "ok",
      redis: map.isStale() ? "away: positions are stale" : "ok",
    },
  });
  const admin = opening.use(
    await startAdminServer(
      { host: config.LISTEN_HOST, port: config.ADMIN_PORT },
      { service: "ingestion", metrics, readiness },
    ),
  );
  const cars = opening.use(await startCarServer(config, runtime, { log, connectivity, here }));
  const started = opening.move();
  logger.info({ grpcPort: cars.port, adminPort: admin.port }, "listening for cars");
  return { grpcPort: cars.port, adminPort: admin.port, readiness, stop: () => started.disposeAsync() };
}
