import {
  API_TOKEN_METADATA,
  type CarMessage,
  type ChargeRequest,
  DEVELOPMENT_API_TOKEN,
  type EngineMessage__Output,
  loadFleetPackage,
  type NegotiationServiceClient,
} from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { credentials, Metadata, type requestCallback } from "@grpc/grpc-js";

const metadata = new Metadata();
metadata.set(API_TOKEN_METADATA, DEVELOPMENT_API_TOKEN);

type Message<Kind extends "offers" | "booking" | "waitlisted" | "refusal"> = NonNullable<EngineMessage__Output[Kind]>;

/** A client of NegotiationService, with one stream for all its cars. */
export class TestClient implements Disposable {
  readonly service: NegotiationServiceClient;
  readonly heard: EngineMessage__Output[] = [];
  readonly #stream: ReturnType<NegotiationServiceClient["Negotiate"]>;
  ended = false;

  constructor(port: number) {
    const { NegotiationService } = loadFleetPackage();
    this.service = new NegotiationService(`127.0.0.1:${port}`, credentials.createInsecure());
    this.#stream = this.service.Negotiate(metadata);
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
    return new Promise((resolve, reject) => {
      method.call(this.service, asked, metadata, (error, told) => {
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
