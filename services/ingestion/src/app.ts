import { API_TOKEN_METADATA, loadFleetPackage } from "@greenlane/contracts";
import { openLogWriter, openTopicAdmin } from "@greenlane/kafka";
import { openRedis, startFleetMapWriter } from "@greenlane/redis";
import { Counter, Gauge, type Runtime, type Service, startAdminServer } from "@greenlane/runtime";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { type CarCall, type CarStream, type StreamObserver, serveCarStream } from "./carStream.ts";
import type { IngestionConfig } from "./config.ts";
import { startConnectivityLog } from "./connectivityLog.ts";
import { startTelemetryLog } from "./telemetryLog.ts";
import { tokenCheck } from "./tokens.ts";

const TICK_MS = 250;
/** Of the 10 s that a clean stop may take, what streams get to be acked. */
const DRAIN_TIMEOUT_MS = 6_000;

export interface Ingestion extends Service {
  grpcPort: number;
  adminPort: number;
}

/** Starts ingestion. Rejects when Kafka does not answer or a port is taken; Redis may be away. */
export async function startIngestion(config: IngestionConfig, runtime: Runtime): Promise<Ingestion> {
  const { logger, metrics, clock } = runtime;
  await using opening = new AsyncDisposableStack();
  {
    await using admin = await openTopicAdmin(config, "ingestion", logger);
    await admin.ensureTopics();
  }
  const writer = opening.use(await openLogWriter(config, "ingestion", logger));
  const redis = opening.adopt(await openRedis(config.REDIS_URL, logger), (client) => client.disconnect());
  const map = opening.use(startFleetMapWriter(redis, runtime));
  const log = opening.use(
    startTelemetryLog(writer, runtime, {
      instance: config.INSTANCE_ID,
      maxEvents: config.BATCH_MAX_EVENTS,
      lanes: config.BATCHES_IN_FLIGHT,
      onDurable: (event) => map.record(event),
    }),
  );
  const connectivity = opening.use(startConnectivityLog(writer, runtime, config.INSTANCE_ID));

  const registers = [metrics];
  const accepted = new Counter({
    name: "ingestion_events_accepted_total",
    help: "Reports that broke no rule",
    registers,
  });
  const rejected = new Counter({
    name: "ingestion_events_rejected_total",
    help: "Reports refused, by field",
    labelNames: ["field"],
    registers,
  });
  const ended = new Counter({
    name: "ingestion_streams_ended_total",
    help: "Streams ended, by reason",
    labelNames: ["reason"],
    registers,
  });
  const unauthenticated = new Counter({
    name: "ingestion_unauthenticated_total",
    help: "Streams without a good token",
    registers,
  });
  const streams = new Set<CarStream>();
  new Gauge({
    name: "ingestion_streams",
    help: "Streams open now",
    registers,
    collect() {
      this.set(streams.size);
    },
  });

  const mayEnter = tokenCheck(config.API_TOKENS);
  function streamTelemetry(call: CarCall): void {
    const [token] = call.metadata.get(API_TOKEN_METADATA);
    if (!mayEnter(typeof token === "string" ? token : "")) {
      unauthenticated.inc();
      call.emit("error", {
        code: status.UNAUTHENTICATED,
        details: `metadata ${API_TOKEN_METADATA} holds no valid token`,
      });
      return;
    }
    const observer: StreamObserver = {
      connected: (carId) => connectivity.record("car_connected", carId, "first report"),
      ended: (carId, reason) => {
        streams.delete(stream);
        ended.inc({ reason });
        if (carId !== "") connectivity.record("car_disconnected", carId, reason);
      },
      accepted: () => accepted.inc(),
      rejected: (field) => rejected.inc({ field }),
    };
    const stream = serveCarStream(call, log.openLane(), config, clock, observer);
    streams.add(stream);
  }

  const server = new Server({
    "grpc.max_receive_message_length": config.MAX_MESSAGE_BYTES,
    "grpc.max_concurrent_streams": config.STREAMS_PER_CONNECTION,
    "grpc.keepalive_time_ms": config.KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": Math.min(config.KEEPALIVE_MS, 10_000),
  });
  server.addService(loadFleetPackage().FleetService.service, { StreamTelemetry: streamTelemetry });
  opening.defer(() => server.forceShutdown());
  const grpcPort = await new Promise<number>((resolve, reject) => {
    const address = `${config.LISTEN_HOST}:${config.GRPC_PORT}`;
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  const ticking = setInterval(() => {
    const nowMs = clock.nowMs();
    for (const stream of streams) stream.tick(nowMs);
  }, TICK_MS);
  opening.defer(() => clearInterval(ticking));
  const readiness = () => ({
    ready: true,
    checks: { kafka: "ok", redis: map.isStale() ? "away: positions are stale" : "ok" },
  });
  const admin = opening.use(
    await startAdminServer(
      { host: config.LISTEN_HOST, port: config.ADMIN_PORT },
      { service: "ingestion", metrics, readiness },
    ),
  );
  const started = opening.move();
  logger.info({ grpcPort, adminPort: admin.port }, "listening for cars");

  return {
    grpcPort,
    adminPort: admin.port,
    readiness,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      for (const stream of streams) stream.shutDown();
      const timeout = new Promise<void>((resolve) => setTimeout(resolve, DRAIN_TIMEOUT_MS).unref());
      await Promise.race([closed, timeout]);
      await started.disposeAsync();
    },
  };
}
