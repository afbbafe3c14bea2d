import { backoffMs } from "@greenlane/runtime";
import type { ClientDuplexStream } from "@grpc/grpc-js";

/** What the user of a kept stream does. */
export interface StreamUser<Response> {
  /** The stream is open, for the first time or again: what has no answer is to be said (again). */
  opened(isAgain: boolean): void;
  heard(response: Response): void;
  /** It ended with a failure. */
  trouble(message: string): void;
  /** It ended, and will be opened again. */
  lost(): void;
}

const RECONNECT = { baseMs: 100, maxMs: 5_000 };
const LEAST_PAUSE_MS = 10;

/** A stream that is opened again, with backoff, whenever it ends, until it is closed. */
export class KeptStream<Request, Response> {
  readonly #openCall: () => ClientDuplexStream<Request, Response>;
  readonly #user: StreamUser<Response>;
  #call: ClientDuplexStream<Request, Response> | undefined;
  #attempt = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(openCall: () => ClientDuplexStream<Request, Response>, user: StreamUser<Response>) {
    this.#openCall = openCall;
    this.#user = user;
  }

  get isOpen(): boolean {
    return this.#call !== undefined;
  }

  /** Opens it, unless it is open or will be soon. */
  open(): void {
    if (this.#call === undefined && this.#retry === undefined) this.#connect(false);
  }

  /** Nothing is written while it is not open. */
  write(message: Request): void {
    this.#call?.write(message);
  }

  /** The other side does what it is there for: when the stream is lost the next one need not wait long. */
  thrives(): void {
    this.#attempt = 0;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#call?.end();
  }

  #connect(isAgain: boolean): void {
    this.#retry = undefined;
    const call = this.#openCall();
    this.#call = call;
    call.on("data", (response: Response) => this.#user.heard(response));
    call.on("error", (error: Error) => this.#ended(call, error.message));
    call.on("end", () => this.#ended(call, undefined));
    this.#user.opened(isAgain);
  }

  #ended(call: ClientDuplexStream<Request, Response>, trouble: string | undefined): void {
    if (this.#call !== call) return;
    this.#call = undefined;
    if (trouble !== undefined) this.#user.trouble(trouble);
    if (this.#closed) return;
    this.#user.lost();
    this.#retry = setTimeout(() => this.#connect(true), backoffMs(this.#attempt, RECONNECT) + LEAST_PAUSE_MS);
    this.#attempt++;
  }
}
