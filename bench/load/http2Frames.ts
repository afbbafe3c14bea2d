/**
 * As much of HTTP/2 (RFC 9113) and of gRPC over it as a client of one method needs. The load tool must cost a fraction
 * of what it measures, so it speaks on plain sockets and writes the bytes of many streams at once.
 */
export const FRAME = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const SETTING = { headerTableSize: 1, enablePush: 2, initialWindowSize: 4 } as const;

export const FRAME_HEADER_BYTES = 9;
/** Before a gRPC message: whether it is compressed, and its length. */
export const MESSAGE_HEADER_BYTES = 5;
/** What both sides start with, a stream and a connection. */
export const INITIAL_WINDOW = 65_535;
/** The payload that every peer takes. */
export const MAX_FRAME_BYTES = 16_384;

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export function writeFrameHeader(
  out: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): number {
  out[at] = length >>> 16;
  out[at + 1] = (length >>> 8) & 255;
  out[at + 2] = length & 255;
  out[at + 3] = type;
  out[at + 4] = flags;
  return out.writeUInt32BE(streamId, at + 5);
}

function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  writeFrameHeader(header, 0, payload.length, type, flags, streamId);
  return Buffer.concat([header, payload]);
}

/** What opens a connection: no pushes, no dynamic table for headers, and room for so many bytes of answers. */
export function connectionPreface(connectionWindow: number): Buffer {
  const settings = Buffer.alloc(12);
  settings.writeUInt16BE(SETTING.headerTableSize, 0);
  settings.writeUInt32BE(0, 2);
  settings.writeUInt16BE(SETTING.enablePush, 6);
  settings.writeUInt32BE(0, 8);
  const room = windowUpdateFrame(0, connectionWindow - INITIAL_WINDOW);
  return Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0, settings), room]);
}

export const SETTINGS_ACK = frame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0));

export const pingAck = (opaque: Buffer): Buffer => frame(FRAME.ping, FLAG.ack, 0, opaque);

export function windowUpdateFrame(streamId: number, bytes: number): Buffer {
  const increment = Buffer.alloc(4);
  increment.writeUInt32BE(bytes);
  return frame(FRAME.windowUpdate, 0, streamId, increment);
}

/** An empty DATA frame that half-closes a stream. */
export const halfClose = (streamId: number): Buffer => frame(FRAME.data, FLAG.endStream, streamId, Buffer.alloc(0));

/** Request headers in HPACK (RFC 7541), all literal but what its static table holds; each text below 127 bytes. */
export function requestHeaders(
  streamId: number,
  authority: string,
  path: string,
  metadata: Record<string, string>,
): Buffer {
  const POST = 0x83;
  const SCHEME_HTTP = 0x86;
  const name = { path: [0x04], authority: [0x01], contentType: [0x0f, 31 - 0x0f] };
  const block = [
    Buffer.from([POST, SCHEME_HTTP, ...name.path]),
    literal(path),
    Buffer.from(name.authority),
    literal(authority),
    Buffer.from(name.contentType),
    literal("application/grpc"),
    ...Object.entries({ te: "trailers", ...metadata }).map(([key, value]) =>
      Buffer.concat([Buffer.from([0]), literal(key), literal(value)]),
    ),
  ];
  return frame(FRAME.headers, FLAG.endHeaders, streamId, Buffer.concat(block));
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 126) throw new Error(`${text} is too long for a header of the load tool`);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** "grpc-status" in HPACK's Huffman code, which is how servers send it. A status has one or two digits: sent as they are. */
const STATUS_NAMES = [Buffer.from("9acac8b21234da8f", "hex"), Buffer.from("grpc-status")];

/** The gRPC status in a block of headers that is not decoded otherwise; undefined when it names none. */
export function grpcStatusIn(block: Buffer): number | undefined {
  for (const name of STATUS_NAMES) {
    const at = block.indexOf(name);
    if (at < 0) continue;
    const length = block[at + name.length] ?? 0;
    const status = Number(block.toString("latin1", at + name.length + 1, at + name.length + 1 + length));
    if (length > 0 && Number.isInteger(status)) return status;
  }
  return undefined;
}
