import {
  API_TOKEN_METADATA,
  type BookingResponse__Output,
  type CarStatus,
  loadFleetPackage,
} from "@greenlane/contracts";
import { type ClientDuplexStream, credentials, Metadata } from "@grpc/grpc-js";

/** How often a lively car reports. */
export const FAST_MS = 100;

export interface RogueStream {
  call: ClientDuplexStream<CarStatus, BookingResponse__Output>;
  /** Ends the stream's own connection. */
  close(): void;
}

/** A telemetry stream on a connection of its own. */
export function openRogueStream(target: string, token: string): RogueStream {
  const { FleetService } = loadFleetPackage();
  const client = new FleetService(target, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  const metadata = new Metadata();
  metadata.set(API_TOKEN_METADATA, token);
  const call = client.StreamTelemetry(metadata);
  return {
    call,
    close: () => {
      call.cancel();
      client.close();
    },
  };
}

/** A report that breaks no rule. */
export function reportOf(carId: string, timestampMs: number): CarStatus {
  return { car_id: carId, latitude: 40.7, longitude: -74, battery_level: 50, velocity: 30, timestamp: timestampMs };
}
