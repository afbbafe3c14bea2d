import type { ServerHttp2Stream } from "node:http2";
import { constants } from "node:http2";
import type { ServerDuplexStream } from "@grpc/grpc-js";

/**
 * Cuts off a stream whose client does not read. A status would wait behind the messages that the client leaves unread,
 * for ever; a reset does not. grpc-js has no call for it, so this reaches for the HTTP/2 stream below.
 * The client sees RESOURCE_EXHAUSTED (the gRPC protocol's reading of ENHANCE_YOUR_CALM).
 * @throws Error when grpc-js has changed its inside
 */
export function resetStream(call: ServerDuplexStream<unknown, unknown>): void {
  const { stream } = (call as unknown as { call: { stream?: ServerHttp2Stream } }).call;
  if (stream === undefined) throw new Error("grpc-js no longer keeps the HTTP/2 stream where it was");
  stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
}
