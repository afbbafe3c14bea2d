import {
  API_TOKEN_METADATA,
  type CarMessage,
  type ChargeRequest,
  DEVELOPMENT_API_TOKEN,
  type EngineMessage__Output,
  loadFleetPackage,
  type NegotiationServiceClient,
  type Offer__Output,
} from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { credentials, Metadata, type requestCallback } from "@grpc/grpc-js";

type Message<Kind extends "offers" | "booking" | "waitlisted" | "refusal"> = NonNullable<EngineMessage__Output[Kind]>;

/** A client of NegotiationService, with one stream for all its cars. */
export class TestClient implements Disposable {
  readonly service: NegotiationServiceClient;
  readonly heard: EngineMessage__Output[] = [];
  readonly #stream: ReturnType<NegotiationServiceClient["Negotiate"]>;
  readonly #metadata = new Metadata();
  ended = false;

  constructor(port: number, token = DEVELOPMENT_API_TOKEN) {
    this.#metadata.set(API_TOKEN_METADATA, token);
    const { NegotiationService } = loadFleetPackage();
    this.service = new NegotiationService(`127.0.0.1:${port}`, credentials.createInsecure());
    this.#stream = this.service.Negotiate(this.#metadata);
    this.#stream.on("data", (message: EngineMessage__Output) => this.heard.push(message));
    this.#stream.on("error", () => {
      this.ended = true;
    });
    this.#stream.on("end", () => {
      this.ended = true;
    });
  }

  say(message: CarMessage): void {
    this.#stream.write(message);
  }

  ask(request: ChargeRequest): void {
    this.say({ request });
  }

  accept({ car_id = "", request_id = "" }: ChargeRequest, offer: Offer__Output | undefined): void {
    this.say({ accept: { car_id, request_id, offer_id: offer?.offer_id ?? "" } });
  }

  /** Has nothing more to say. */
  end(): void {
    this.#stream.end();
  }

  /** Asks, takes the first offer, and waits for the booking. */
  async books(request: ChargeRequest): Promise<Message<"booking">> {
    this.ask(request);
    const { offers } = await this.hears("offers", request.car_id ?? "");
    this.accept(request, offers[0]);
    return this.hears("booking", request.car_id ?? "");
  }

  /** What it heard of a kind about a car, the newest last. */
  of<Kind extends "offers" | "booking" | "waitlisted" | "refusal">(kind: Kind, carId: string): Message<Kind>[] {
    return this.heard.flatMap((message) => {
      const body = message[kind];
      return body?.car_id === carId ? [body as Message<Kind>] : [];
    });
  }

  /** Waits for the n-th message of a kind about a car, 1: the first. */
  hears<Kind extends "offers" | "booking" | "waitlisted" | "refusal">(kind: Kind, carId: string, n = 1) {
    return until(`${carId} hears of ${kind}`, () => this.of(kind, carId)[n - 1]);
  }

  /** A unary call. */
  call<Asked, Told>(
    method: (asked: Asked, metadata: Metadata, callback: requestCallback<Told>) => unknown,
    asked: Asked,
  ): Promise<Told> {
    return new Promise<Told>((resolve, reject) => {
      method.call(this.service, asked, this.#metadata, (error, told) => {
        if (error !== null || told === undefined) reject(error);
        else resolve(told);
      });
    });
  }

  [Symbol.dispose](): void {
    this.#stream.cancel();
    this.service.close();
  }
}

let requests = 0;

/** A wish for 20 to 80 % of a car that is beside the first station. */
export function wish(carId: string, more: ChargeRequest = {}): ChargeRequest {
  return {
    request_id: `request-${++requests}`,
    car_id: carId,
    latitude: 40.7549,
    longitude: -73.984,
    battery_level: 20,
    capacity_kwh: 62,
    consumption_kwh_per_km: 0.2,
    target_level: 80,
    ...more,
  };
}
