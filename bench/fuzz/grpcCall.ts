import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { type AddressInfo, createConnection } from "node:net";
import { gzipSync } from "node:zlib";
import { API_TOKEN_METADATA, DEVELOPMENT_API_TOKEN } from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { status } from "@grpc/grpc-js";
import * as fc from "fast-check";

/**
 * gRPC calls made byte by byte, for what no client library would send.
 * The format: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */

/** How a message is framed: well, but for what is said here. */
export interface Framing {
  /** 0: not compressed, 1: compressed, anything else: not in use. */
  flag: number;
  /** Whether its bytes are compressed. */
  isZipped: boolean;
  /** What the length that is announced has too much. */
  lengthError: number;
}

/** How a call is made: as a client library would, but for what is said here. */
export interface Manner {
  headers: Record<string, string>;
  /** Where the bytes are cut into pieces that are sent one by one. */
  cuts: number[];
  /** How it ends: the client has said all, cancels, or its connection dies. */
  end: "half-close" | "cancel" | "vanish";
  /** What is sent behind the messages, as if it were a frame. */
  rest: Uint8Array;
}

const WELL_FRAMED: Framing = { flag: 0, isZipped: false, lengthError: 0 };

export const someFraming: fc.Arbitrary<Framing> = fc.oneof(
  { weight: 20, arbitrary: fc.constant(WELL_FRAMED) },
  {
    weight: 1,
    arbitrary: fc.record({
      flag: fc.constantFrom(0, 1, 1, 2, 255),
      isZipped: fc.boolean(),
      lengthError: fc.constantFrom(0, 0, 1, -1, 1_000, 20_000, 2 ** 31, 2 ** 32 - 1),
    }),
  },
);

const header = (name: string, values: string[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constantFrom(...values).map((value) => ({ [name]: value })) },
  );

const someHeaders: fc.Arbitrary<Record<string, string>> = fc
  .tuple(
    header("content-type", ["application/grpc+proto", "application/grpcx", "text/plain", "application/json"]),
    header("grpc-encoding", ["identity", "gzip", "gzip", "deflate", "snappy", "nonsense"]),
    header("grpc-timeout", ["1S", "1n", "99999999H", "-1S", "soon", ""]),
    header(API_TOKEN_METADATA, ["", "wrong", "x".repeat(5_000)]),
    header("x-extra-bin", ["AAECAw==", "not base64!", "=".repeat(100)]),
  )
  .map((parts) => Object.assign({}, ...parts) as Record<string, string>);

export const someManner: fc.Arbitrary<Manner> = fc.record({
  headers: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: someHeaders }),
  cuts: fc.array(fc.nat({ max: 3_000 }), { maxLength: 4 }),
  end: fc.constantFrom("half-close", "half-close", "half-close", "cancel", "vanish"),
  rest: fc.oneof(
    { weight: 8, arbitrary: fc.constant(new Uint8Array()) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  ),
});

/** How a client behaves that keeps to the rules. */
export const WELL_MANNERED: Manner = { headers: {}, cuts: [], end: "half-close", rest: new Uint8Array() };

/** Whether a server is to take all that a call sends. */
export const isWellMannered = (manner: Manner, framings: readonly Framing[]) =>
  Object.keys(manner.headers).length === 0 &&
  manner.rest.length === 0 &&
  manner.end === "half-close" &&
  framings.every(({ flag, isZipped, lengthError }) => flag === 0 && !isZipped && lengthError === 0);

export function framed(message: Buffer, { flag, isZipped, lengthError }: Framing = WELL_FRAMED): Buffer {
  const body = isZipped ? gzipSync(message) : message;
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE((body.length + lengthError) >>> 0, 1);
  return Buffer.concat([prefix, body]);
}

/** What a server may take for anything at all: seconds, on a busy machine. */
export const PATIENCE_MS = 15_000;

/** What came of a call. */
export interface CallEnd {
  /** undefined: the server had nothing to say before the stream was over. */
  status: status | undefined;
  details: string;
  answers: Buffer[];
}

/** A call on a connection of its own. */
export class RawCall {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #chunks: Buffer[] = [];
  #headers: Record<string, unknown> = {};

  constructor(port: number, path: string, headers: Record<string, string> = {}) {
    this.#session = connect(`http://127.0.0.1:${port}`);
    // What the other side does of it is told by the end of the stream.
    this.#session.on("error", () => undefined);
    this.#stream = this.#session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: path,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      [API_TOKEN_METADATA]: DEVELOPMENT_API_TOKEN,
      te: "trailers",
      ...headers,
    });
    const take = (more: object) => Object.assign(this.#headers, more);
    this.#stream
      .on("response", take)
      .on("trailers", take)
      .on("data", (chunk: Buffer) => this.#chunks.push(chunk))
      .on("error", () => undefined);
  }

  /** The server has said all, or the call is closed. */
  get isOver(): boolean {
    return this.#stream.closed || this.#stream.readableEnded || this.#headers["grpc-status"] !== undefined;
  }

  /** The messages that came so far. */
  get answers(): Buffer[] {
    return unframed(Buffer.concat(this.#chunks));
  }

  /** Sends bytes in pieces, each its own DATA frame. */
  async send(bytes: Buffer, cuts: readonly number[] = []): Promise<void> {
    let from = 0;
    for (const to of [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]) {
      if (this.isOver || !this.#stream.writable) return;
      if (to > from) await new Promise((resolve) => this.#stream.write(bytes.subarray(from, to), resolve));
      from = to;
    }
  }

  /** Ends it. @throws Error when the server keeps it open */
  async end(how: Manner["end"] = "half-close"): Promise<CallEnd> {
    if (how === "half-close") this.#stream.end();
    else if (how === "cancel") this.#stream.close(constants.NGHTTP2_CANCEL);
    else this.#session.destroy();
    await until("the call is over", () => this.#stream.closed, PATIENCE_MS);
    this.#session.destroy();
    const told = this.#headers["grpc-status"];
    return {
      status: told === undefined ? undefined : (Number(told) as status),
      details: decodeURIComponent(`${this.#headers["grpc-message"] ?? ""}`),
      answers: this.answers,
    };
  }
}

function unframed(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end > bytes.length) break;
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
}

/** What a server may say to bytes that are no call that it knows; anything else is a defect of its own. */
const REFUSALS = new Set<status | undefined>([
  undefined,
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.INTERNAL, // grpc-js's word for bytes that are no message
  status.RESOURCE_EXHAUSTED,
  status.UNAUTHENTICATED,
  status.UNIMPLEMENTED,
]);

/** @throws Error when a call ended in a way that no bytes can cause */
export function mayEndSo({ status: code, details }: CallEnd, also: readonly status[] = []): void {
  if (code === status.OK || REFUSALS.has(code) || also.some((each) => each === code)) return;
  throw new Error(`a call ended with ${code === undefined ? "nothing" : status[code]}: ${details}`);
}

/** Sends bytes over a bare connection, and waits until it is closed. */
export async function sendGarbage(port: number, bytes: Uint8Array): Promise<void> {
  const socket = createConnection(port, "127.0.0.1");
  socket.on("error", () => undefined).resume();
  await once(socket, "connect");
  if ((socket.address() as AddressInfo).port === undefined) return;
  socket.end(bytes);
  // It may be cut off, or its half stay open: a client that has said all and leaves.
  await Promise.race([once(socket, "close"), new Promise((resolve) => setTimeout(resolve, 50))]);
  socket.destroy();
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

/** An HTTP/2 frame of any kind and content: https://www.rfc-editor.org/rfc/rfc9113#section-4.1 */
const someHttp2Frame = fc
  .record({
    type: fc.oneof(fc.nat({ max: 10 }), fc.nat({ max: 255 })),
    flags: fc.nat({ max: 255 }),
    stream: fc.oneof(fc.nat({ max: 9 }), fc.nat({ max: 2 ** 31 - 1 })),
    payload: fc.uint8Array({ maxLength: 60 }),
    lengthError: fc.constantFrom(0, 0, 0, 1, -1, 2 ** 24 - 1),
  })
  .map(({ type, flags, stream, payload, lengthError }) => {
    const head = Buffer.alloc(9);
    head.writeUIntBE((payload.length + lengthError) & 0xffffff, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  });

/** What a connection may send that is no HTTP/2, or hardly. */
export const someGarbage: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc.array(someHttp2Frame, { maxLength: 12 }).map((frames) => Buffer.concat([PREFACE, SETTINGS, ...frames])),
);

/** Makes a whole call: messages, framed, sent and ended in a manner. @returns what came of it */
export async function callWith(
  port: number,
  path: string,
  messages: readonly Buffer[],
  framings: readonly Framing[],
  manner: Manner,
): Promise<CallEnd> {
  const call = new RawCall(port, path, manner.headers);
  const frames = messages.map((bytes, n) => framed(bytes, framings[n]));
  await call.send(Buffer.concat([...frames, manner.rest]), manner.cuts);
  return call.end(manner.end);
}
