import { type BookingResponse, decodeCarStatus, loadFleetPackage, type Telemetry } from "@greenlane/contracts";
import { admission, createGrpcServer, drained, listen, UNAUTHENTICATED } from "@greenlane/grpc";
import { endedWithin, type Runtime } from "@greenlane/runtime";
import type { MethodDefinition } from "@grpc/grpc-js";
import { type CarCall, type CarStream, type StreamObserver, serveCarStream } from "./carStream.ts";
import type { CarsHere } from "./carsHere.ts";
import type { IngestionConfig } from "./config.ts";
import type { ConnectivityLog } from "./connectivityLog.ts";
import { streamMetrics } from "./streamMetrics.ts";
import type { TelemetryLog } from "./telemetryLog.ts";

const TICK_MS = 250;
/** Of the 10 s that a clean stop may take, what streams get to be acked. */
const DRAIN_TIMEOUT_MS = 4_000;
/** What a status takes to reach a client that reads. */
const LAST_WORD_MS = 500;

export interface CarServerParts {
  log: TelemetryLog;
  connectivity: ConnectivityLog;
  /** Told who comes and who goes. */
  here: CarsHere<CarStream>;
}

export interface CarServer extends AsyncDisposable {
  port: number;
}

/**
 * Serves FleetService. Disposing it takes no new stream, acks what is in flight, and tells the cars to come back; what
 * is not acked after 4 s they are told to send again. Rejects when the port is taken.
 */
export async function startCarServer(
  config: IngestionConfig,
  { clock, metrics }: Runtime,
  { log, connectivity, here }: CarServerParts,
): Promise<CarServer> {
  const streams = new Set<CarStream>();
  const counts = streamMetrics(metrics, () => streams.size);
  const mayEnter = admission(config.API_TOKENS);

  function streamTelemetry(call: CarCall): void {
    if (!mayEnter(call.metadata)) {
      counts.unauthenticated.inc();
      call.emit("error", UNAUTHENTICATED);
      return;
    }
    const observer: StreamObserver = {
      connected: (carId) => {
        here.join(carId, stream);
        connectivity.record("car_connected", carId, "first report");
      },
      ended: (carIds, reason) => {
        here.leave(carIds, stream);
        counts.ended.inc({ reason });
        for (const carId of carIds) connectivity.record("car_disconnected", carId, reason);
      },
      closed: () => void streams.delete(stream),
      accepted: () => counts.accepted(),
      rejected: (field) => counts.rejected.inc({ field }),
    };
    const stream = serveCarStream(call, log.openLane(), config, clock, observer);
    streams.add(stream);
  }

  const server = createGrpcServer(config);
  server.addService(
    { StreamTelemetry: telemetryMethod(() => counts.malformed.inc()) },
    { StreamTelemetry: streamTelemetry },
  );
  const port = await listen(server, config.LISTEN_HOST, config.GRPC_PORT);
  const ticking = setInterval(() => {
    const nowMs = clock.nowMs();
    for (const stream of streams) stream.tick(nowMs);
  }, TICK_MS);

  return {
    port,
    [Symbol.asyncDispose]: async () => {
      const closed = drained(server);
      for (const stream of streams) stream.shutDown();
      if (!(await endedWithin(DRAIN_TIMEOUT_MS, closed))) {
        for (const stream of streams) stream.giveUp();
        await endedWithin(LAST_WORD_MS, closed);
      }
      server.forceShutdown();
      clearInterval(ticking);
    },
  };
}

/** StreamTelemetry with the hot path's own reader and writer; what is not an acknowledgement goes through proto-loader. */
function telemetryMethod(onMalformed: () => void): MethodDefinition<Telemetry, BookingResponse | Buffer> {
  const method = loadFleetPackage().FleetService.service.StreamTelemetry;
  return {
    ...method,
    requestSerialize: () => {
      throw new Error("a server sends no CarStatus");
    },
    requestDeserialize: (bytes) => {
      try {
        return decodeCarStatus(bytes);
      } catch (error) {
        onMalformed();
        throw error;
      }
    },
    responseSerialize: (response) => (Buffer.isBuffer(response) ? response : method.responseSerialize(response)),
    responseDeserialize: method.responseDeserialize,
  };
}
