import type { CarMessage, EngineMessage__Output, NegotiationServiceClient } from "@greenlane/contracts";
import { backoffMs } from "@greenlane/runtime";
import type { ClientDuplexStream, Metadata } from "@grpc/grpc-js";
import type { HerdCar } from "./herdCar.ts";

const RECONNECT = { baseMs: 100, maxMs: 1_000 };

type Stream = ClientDuplexStream<CarMessage, EngineMessage__Output>;

/**
 * Cars that speak on one stream. When it breaks, the next one is opened to the next process, and who has no booking
 * utters its request again.
 */
export class Depot {
  readonly cars = new Map<string, HerdCar>();
  /** One a process. */
  readonly #clients: readonly NegotiationServiceClient[];
  readonly #metadata: Metadata;
  streamsLost = 0;
  #at: number;
  #stream: Stream | undefined;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param at the process that it speaks with first */
  constructor(clients: readonly NegotiationServiceClient[], at: number, metadata: Metadata) {
    this.#clients = clients;
    this.#at = at;
    this.#metadata = metadata;
  }

  /** Opens the stream; its first message, that no car is idle, brings no answer. */
  open(): void {
    this.#connect();
    const [carId = ""] = this.cars.keys();
    this.say({ presence: { car_id: carId, idle: false } });
  }

  /** What is said while the stream is broken is not heard; its car will ask again on the next one. */
  say(message: CarMessage): void {
    this.#stream?.write(message);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#stream?.end();
  }

  #connect(): void {
    const client = this.#clients[this.#at % this.#clients.length];
    if (client === undefined) throw new RangeError("there is no process to speak with");
    const stream = client.Negotiate(this.#metadata);
    this.#stream = stream;
    stream.on("data", (message: EngineMessage__Output) => {
      this.#failures = 0;
      this.cars.get(message[message.kind ?? "offers"]?.car_id ?? "")?.hear(message);
    });
    stream.on("error", () => this.#lost(stream));
    stream.on("end", () => this.#lost(stream));
  }

  #lost(stream: Stream): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    if (this.#closed) return;
    this.#at++;
    this.streamsLost++;
    this.#retry = setTimeout(
      () => {
        this.#connect();
        for (const car of this.cars.values()) car.askAgain();
      },
      backoffMs(this.#failures++, RECONNECT),
    );
  }
}
