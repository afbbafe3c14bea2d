import { randomUUID } from "node:crypto";
import {
  API_TOKEN_METADATA,
  type CarStatus,
  DEVELOPMENT_API_TOKEN,
  type FleetServiceClient,
  type TelemetryAnswer__Output,
  type TelemetryBatch,
} from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { type ClientDuplexStream, Metadata } from "@grpc/grpc-js";
import { connect } from "./testCar.ts";

export interface GatewayOptions {
  token?: string;
  /** What the ids of its cars begin with. */
  id?: string;
  /** A connection that several share; one of its own when left out. */
  connection?: FleetServiceClient;
}

/** A gateway as a client of the contract sees it. */
export class TestGateway {
  readonly id: string;
  readonly answers: TelemetryAnswer__Output[] = [];
  readonly call: ClientDuplexStream<TelemetryBatch, TelemetryAnswer__Output>;
  ended: { code: number; details: string } | undefined;

  constructor(port: number, options: GatewayOptions = {}) {
    this.id = options.id ?? `gateway-${randomUUID()}`;
    const connection = options.connection ?? connect(port);
    const metadata = new Metadata();
    metadata.set(API_TOKEN_METADATA, options.token ?? DEVELOPMENT_API_TOKEN);
    this.call = connection.StreamFleet(metadata);
    this.call.on("data", (answer: TelemetryAnswer__Output) => this.answers.push(answer));
    this.call.on("error", () => undefined); // `ended` tells it
    this.call.on("status", ({ code, details }) => {
      this.ended = { code, details };
      if (options.connection === undefined) connection.close();
    });
  }

  get ackedSequence(): number {
    return this.answers.at(-1)?.acked_sequence ?? 0;
  }

  get rejected() {
    return this.answers.flatMap(({ rejected }) => rejected);
  }

  /** A good report of its n-th car, but for what is given. */
  report(car: number, timestamp: number, change: CarStatus = {}): CarStatus {
    const place = { latitude: 40.7, longitude: -74, battery_level: 50, velocity: 30 };
    return { car_id: this.car(car), timestamp, ...place, ...change };
  }

  car = (n: number) => `${this.id}/${n}`;

  send(first_sequence: number, reports: CarStatus[]): void {
    this.call.write({ first_sequence, reports });
  }

  acked = (sequence: number) => until(`all up to ${sequence} is acked`, () => this.ackedSequence >= sequence);
  over = () => until("the stream ended", () => this.ended);

  async leave(): Promise<void> {
    this.call.end();
    await this.over();
  }
}
