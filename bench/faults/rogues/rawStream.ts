import { type ClientHttp2Session, type ClientHttp2Stream, constants } from "node:http2";
import { API_TOKEN_METADATA } from "@greenlane/contracts";

export const TELEMETRY_PATH = "/fleet.FleetService/StreamTelemetry";
export const NEGOTIATION_PATH = "/fleet.NegotiationService/Negotiate";

/** A gRPC stream without a gRPC library, which would keep to the rules. */
export function openRawStream(session: ClientHttp2Session, path: string, token: string): ClientHttp2Stream {
  return session.request({
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: path,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
    [API_TOKEN_METADATA]: token,
  });
}

/** A message as gRPC frames it. @param saysBytes how long it says it is */
export function framed(message: Buffer, saysBytes = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(saysBytes, 1);
  return Buffer.concat([head, message]);
}
