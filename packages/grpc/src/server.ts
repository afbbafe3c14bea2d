import { Server, ServerCredentials } from "@grpc/grpc-js";

/** How long a client may take to answer a keepalive ping. */
const PING_TIMEOUT_MS = 10_000;

export interface GrpcLimits {
  MAX_MESSAGE_BYTES: number;
  STREAMS_PER_CONNECTION: number;
  KEEPALIVE_MS: number;
}

/** A gRPC server within limits; services are to be added, then it is to `listen`. */
export function createGrpcServer({ MAX_MESSAGE_BYTES, STREAMS_PER_CONNECTION, KEEPALIVE_MS }: GrpcLimits): Server {
  return new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_concurrent_streams": STREAMS_PER_CONNECTION,
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": Math.min(KEEPALIVE_MS, PING_TIMEOUT_MS),
  });
}

/** @returns the port; rejects when it is taken */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
}

/** Resolves when no call is under way any more; no new one is taken. */
export function drained(server: Server): Promise<void> {
  return new Promise((resolve) => server.tryShutdown(() => resolve()));
}
