import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import {
  connectionPreface,
  FLAG,
  FRAME,
  FRAME_HEADER_BYTES,
  grpcStatusIn,
  halfClose,
  INITIAL_WINDOW,
  MAX_FRAME_BYTES,
  MESSAGE_HEADER_BYTES,
  pingAck,
  requestHeaders,
  SETTING,
  SETTINGS_ACK,
  windowUpdateFrame,
} from "./http2Frames.ts";

/** Bytes of answers that may be under way, a connection; a stream has what HTTP/2 begins with. */
const CONNECTION_WINDOW = 1 << 20;
const READ_BYTES = 1 << 18;
const OUT_BYTES = 1 << 14;
/** Buffers kept for the next writes, a connection. */
const SPARE_BUFFERS = 4;

/** One for all sockets of the process: what is read is dealt with before the next one is. */
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
const NOTHING = Buffer.alloc(0);

/** Who speaks on a stream. */
export interface StreamUser {
  /** A message came, from `from` until `to`; the bytes are the reader's until it returns. */
  onMessage(bytes: Buffer, from: number, to: number): void;
  /** The peer takes more. */
  onRoom(): void;
  /** Nothing more comes, and nothing is to be sent. `grpcStatus`: undefined when the peer gave none. */
  onEnd(grpcStatus: number | undefined): void;
}

/** A request that stays open both ways. */
export interface Http2Stream {
  readonly id: number;
  /** Bytes of payload that the peer takes now. */
  room(): number;
  /** Frames are written into `connection.reserve(…)`; this says how much payload they had. */
  sent(payloadBytes: number): void;
  /** Says that nothing more will be sent. */
  end(): void;
}

interface OpenStream extends Http2Stream {
  user: StreamUser;
  sendWindow: number;
  /** Bytes of payload received since the peer was last told of room. */
  unreported: number;
  /** The beginning of a message whose rest comes later. */
  partial: Buffer;
  isOver: boolean;
}

/** An HTTP/2 connection to a gRPC server. What its streams send in one turn goes out in one write, at `flush`. */
export class Http2Connection {
  readonly #socket: Socket;
  readonly #authority: string;
  readonly #streams = new Map<number, OpenStream>();
  readonly #ready = Promise.withResolvers<void>();
  #nextId = 1;
  #sendWindow = INITIAL_WINDOW;
  #peerWindow = INITIAL_WINDOW;
  #unreported = 0;
  #unread: Buffer = NOTHING;
  #headers: Buffer = NOTHING;
  #spare: Buffer[] = [];
  /** What is to be written, from 0 to `length`; read and moved on by those who write frames. */
  out: Buffer = Buffer.allocUnsafeSlow(OUT_BYTES);
  length = 0;

  private constructor(host: string, port: number) {
    this.#authority = `${host}:${port}`;
    this.#socket = createConnection({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (count, buffer) => {
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, count));
          return true;
        },
      },
    });
    this.#socket.on("close", () => this.#lost());
    this.#socket.on("error", (error) => this.#ready.reject(error));
    this.#ready.promise.catch(() => undefined); // whoever opens it is told
  }

  /** Connects, and waits for the server's settings. @throws Error when there is none */
  static async open(target: string): Promise<Http2Connection> {
    const [host = "", port] = target.split(":");
    const connection = new Http2Connection(host, Number(port));
    connection.#socket.write(connectionPreface(CONNECTION_WINDOW));
    await connection.#ready.promise;
    return connection;
  }

  openStream(path: string, metadata: Record<string, string>, user: StreamUser): Http2Stream {
    const id = this.#nextId;
    this.#nextId += 2;
    const stream: OpenStream = {
      id,
      user,
      sendWindow: this.#peerWindow,
      unreported: 0,
      partial: NOTHING,
      isOver: false,
      room: () => (stream.isOver ? 0 : Math.min(stream.sendWindow, this.#sendWindow)),
      sent: (bytes) => {
        stream.sendWindow -= bytes;
        this.#sendWindow -= bytes;
      },
      end: () => {
        if (!stream.isOver) this.#write(halfClose(id));
      },
    };
    this.#streams.set(id, stream);
    this.#write(requestHeaders(id, this.#authority, path, metadata));
    return stream;
  }

  /** Makes room for some bytes behind `length` of `out`. */
  reserve(bytes: number): void {
    if (this.length + bytes <= this.out.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.out.length, this.length + bytes));
    this.out.copy(larger, 0, 0, this.length);
    this.out = larger;
  }

  /** Sends what was written since the last time. */
  flush(): void {
    if (this.length === 0) return;
    const written = this.out;
    this.#socket.write(written.subarray(0, this.length), () => {
      if (this.#spare.length < SPARE_BUFFERS) this.#spare.push(written);
    });
    this.out = this.#spare.pop() ?? Buffer.allocUnsafeSlow(written.length);
    this.length = 0;
  }

  async close(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, "close");
    this.#socket.destroy();
    await closed;
  }

  #write(bytes: Buffer): void {
    this.reserve(bytes.length);
    this.length += bytes.copy(this.out, this.length);
  }

  #lost(): void {
    this.#ready.reject(new Error(`${this.#authority} closed the connection`));
    for (const stream of this.#streams.values()) this.#over(stream, undefined);
  }

  #over(stream: OpenStream | undefined, grpcStatus: number | undefined): void {
    if (stream === undefined || stream.isOver) return;
    stream.isOver = true;
    this.#streams.delete(stream.id);
    stream.user.onEnd(grpcStatus);
  }

  #read(bytes: Buffer): void {
    const all = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    let at = 0;
    while (all.length - at >= FRAME_HEADER_BYTES) {
      const length = all.readUIntBE(at, 3);
      const end = at + FRAME_HEADER_BYTES + length;
      if (end > all.length) break;
      this.#frame(all, at, end);
      at = end;
    }
    // What is kept must not lie in the buffer that the next socket reads into.
    this.#unread = at === all.length ? NOTHING : Buffer.from(all.subarray(at));
    this.flush();
  }

  #frame(all: Buffer, at: number, end: number): void {
    const type = all[at + 3] as number;
    const flags = all[at + 4] as number;
    const streamId = all.readUInt32BE(at + 5);
    const from = at + FRAME_HEADER_BYTES;
    // GOAWAY needs no answer: the streams that are under way end as the server says.
    if (type === FRAME.data) this.#data(streamId, flags, all, from, end);
    else if (type === FRAME.headers || type === FRAME.continuation)
      this.#headerBlock(type, streamId, flags, all.subarray(from, end));
    else if (type === FRAME.windowUpdate) this.#windowUpdate(streamId, all.readUInt32BE(from));
    else if (type === FRAME.resetStream) this.#over(this.#streams.get(streamId), undefined);
    else if (type === FRAME.settings && (flags & FLAG.ack) === 0) this.#settings(all.subarray(from, end));
    else if (type === FRAME.ping && (flags & FLAG.ack) === 0) this.#write(pingAck(all.subarray(from, end)));
  }

  #data(streamId: number, flags: number, all: Buffer, from: number, end: number): void {
    this.#unreported += end - from;
    if (this.#unreported > CONNECTION_WINDOW / 2) {
      this.#write(windowUpdateFrame(0, this.#unreported));
      this.#unreported = 0;
    }
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    stream.unreported += end - from;
    if (stream.unreported > INITIAL_WINDOW / 2) {
      this.#write(windowUpdateFrame(streamId, stream.unreported));
      stream.unreported = 0;
    }
    if ((flags & FLAG.padded) !== 0) messages(stream, all, from + 1, end - (all[from] as number));
    else messages(stream, all, from, end);
    if ((flags & FLAG.endStream) !== 0) this.#over(stream, undefined);
  }

  #headerBlock(type: number, streamId: number, flags: number, payload: Buffer): void {
    const block = type === FRAME.continuation ? Buffer.concat([this.#headers, payload]) : payload;
    const stream = this.#streams.get(streamId);
    if ((flags & FLAG.endHeaders) === 0) {
      this.#headers = Buffer.from(block);
      return;
    }
    // Trailers bring the status; first headers, when all is well, none.
    const grpcStatus = grpcStatusIn(block);
    if ((flags & FLAG.endStream) !== 0 || grpcStatus !== undefined) this.#over(stream, grpcStatus);
  }

  #windowUpdate(streamId: number, bytes: number): void {
    if (streamId !== 0) {
      const stream = this.#streams.get(streamId);
      if (stream === undefined) return;
      stream.sendWindow += bytes;
      stream.user.onRoom();
      return;
    }
    const wasShort = this.#sendWindow < MAX_FRAME_BYTES;
    this.#sendWindow += bytes;
    if (wasShort) for (const stream of this.#streams.values()) stream.user.onRoom();
  }

  #settings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== SETTING.initialWindowSize) continue;
      const window = payload.readUInt32BE(at + 2);
      for (const stream of this.#streams.values()) stream.sendWindow += window - this.#peerWindow;
      this.#peerWindow = window;
    }
    this.#write(SETTINGS_ACK);
    this.#ready.resolve();
  }
}

/** Takes the messages out of a stream's bytes; what begins here and ends in a later frame is kept. */
function messages(stream: OpenStream, all: Buffer, from: number, end: number): void {
  let bytes = all;
  let at = from;
  let to = end;
  if (stream.partial.length > 0) {
    bytes = Buffer.concat([stream.partial, all.subarray(from, end)]);
    at = 0;
    to = bytes.length;
  }
  while (to - at >= MESSAGE_HEADER_BYTES) {
    const messageEnd = at + MESSAGE_HEADER_BYTES + bytes.readUInt32BE(at + 1);
    if (messageEnd > to) break;
    stream.user.onMessage(bytes, at + MESSAGE_HEADER_BYTES, messageEnd);
    at = messageEnd;
  }
  stream.partial = at === to ? NOTHING : Buffer.from(bytes.subarray(at, to));
}
