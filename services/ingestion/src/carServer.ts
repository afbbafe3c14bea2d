import { decodeCarStatus, decodeTelemetryBatch, loadFleetPackage } from "@greenlane/contracts";
import { admission, createGrpcServer, drained, listen, UNAUTHENTICATED } from "@greenlane/grpc";
import { type Clock, endedWithin, type Runtime } from "@greenlane/runtime";
import type { MethodDefinition, ServerDuplexStream } from "@grpc/grpc-js";
import { type CarCall, serveCarStream } from "./carStream.ts";
import type { CarsHere } from "./carsHere.ts";
import type { IngestionConfig } from "./config.ts";
import type { ConnectivityLog } from "./connectivityLog.ts";
import { type GatewayCall, type GatewayObserver, serveGatewayStream } from "./gatewayStream.ts";
import type { ServedStream } from "./pacedStream.ts";
import { streamMetrics } from "./streamMetrics.ts";
import type { Lane, TelemetryLog } from "./telemetryLog.ts";

const TICK_MS = 250;
/** Of the 10 s that a clean stop may take, what streams get to be acked. */
const DRAIN_TIMEOUT_MS = 4_000;
/** What a status takes to reach a client that reads. */
const LAST_WORD_MS = 500;

export interface CarServerParts {
  log: TelemetryLog;
  connectivity: ConnectivityLog;
  /** Told who comes and who goes. */
  here: CarsHere<ServedStream>;
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
  const streams = new Set<ServedStream>();
  const counts = streamMetrics(metrics, () => streams.size);
  const mayEnter = admission(config.API_TOKENS);

  function serve<Call extends ServerDuplexStream<unknown, unknown>>(call: Call, serveStream: ServeStream<Call>): void {
    if (!mayEnter(call.metadata)) {
      counts.unauthenticated.inc();
      call.emit("error", UNAUTHENTICATED);
      return;
    }
    const observer: GatewayObserver = {
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
      batch: (reports) => counts.batches.observe(reports),
    };
    const stream = serveStream(call, log.openLane(), config, clock, observer);
    streams.add(stream);
  }

  const server = createGrpcServer(config);
  const { StreamTelemetry, StreamFleet } = loadFleetPackage().FleetService.service;
  const onMalformed = () => counts.malformed.inc();
  server.addService(
    {
      StreamTelemetry: readByHand(StreamTelemetry, decodeCarStatus, onMalformed),
      StreamFleet: readByHand(StreamFleet, decodeTelemetryBatch, onMalformed),
    },
    {
      StreamTelemetry: (call: CarCall) => serve(call, serveCarStream),
      StreamFleet: (call: GatewayCall) => serve(call, serveGatewayStream),
    },
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

type ServeStream<Call> = (
  call: Call,
  lane: Lane,
  config: IngestionConfig,
  clock: Clock,
  observer: GatewayObserver,
) => ServedStream;

/** A method whose requests are read by hand, and whose responses may be bytes already. */
function readByHand<Message, Request, Response>(
  method: MethodDefinition<Message, Response>,
  decode: (bytes: Buffer) => Request,
  onMalformed: () => void,
): MethodDefinition<Request, Response | Buffer> {
  return {
    ...method,
    requestSerialize: () => {
      throw new Error("a server sends no requests");
    },
    requestDeserialize: (bytes) => {
      try {
        return decode(bytes);
      } catch (error) {
        onMalformed();
        throw error;
      }
    },
    responseSerialize: (response) => (Buffer.isBuffer(response) ? response : method.responseSerialize(response)),
  };
}
