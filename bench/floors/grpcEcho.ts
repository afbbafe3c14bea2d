/**
 * A floor: a grpc-js server as its manual shows it, which answers each report as ingestion does and does nothing else.
 * With the token, a log and a map left out, what it costs is the library's share, and the kernel's.
 */
import { API_TOKEN_METADATA, loadFleetPackage } from "@greenlane/contracts";
import { type handleBidiStreamingCall, Server, ServerCredentials } from "@grpc/grpc-js";
import { obeyParent } from "../steeredProcess.ts";
import type { EchoAnswer, EchoOrder } from "./messages.ts";

interface Report {
  car_id: string;
  timestamp: number;
}

interface Batch {
  first_sequence: number;
  reports: Report[];
}

const echo: handleBidiStreamingCall<Report, object> = (call) => {
  call.metadata.get(API_TOKEN_METADATA);
  call.on("data", ({ car_id, timestamp }: Report) => {
    call.write({ car_id, status: 0, message: "Telemetry received", timestamp });
  });
  call.on("end", () => call.end());
  call.on("error", () => call.end());
};

const echoFleet: handleBidiStreamingCall<Batch, object> = (call) => {
  call.on("data", ({ first_sequence, reports }: Batch) => {
    call.write({ acked_sequence: first_sequence + reports.length - 1 });
  });
  call.on("end", () => call.end());
  call.on("error", () => call.end());
};

obeyParent(async (_order: EchoOrder): Promise<EchoAnswer> => {
  const { service } = loadFleetPackage().FleetService;
  const server = new Server({ "grpc.max_concurrent_streams": 1_000 });
  server.addService(service, { StreamTelemetry: echo, StreamFleet: echoFleet });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { kind: "listen", port };
});
