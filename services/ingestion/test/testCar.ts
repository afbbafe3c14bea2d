import { randomUUID } from "node:crypto";
import {
  API_TOKEN_METADATA,
  type BookingResponse__Output,
  type CarStatus,
  DEVELOPMENT_API_TOKEN,
  type FleetServiceClient,
  loadFleetPackage,
} from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { type ClientDuplexStream, credentials, Metadata } from "@grpc/grpc-js";

const { FleetService } = loadFleetPackage();

/** A connection of its own to ingestion. */
export function connect(port: number): FleetServiceClient {
  return new FleetService(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
}

export interface CarOptions {
  id?: string;
  token?: string;
  /** A connection that several cars share; one of its own when left out. */
  connection?: FleetServiceClient;
}

/** A car as a client of the contract sees it. */
export class TestCar {
  readonly id: string;
  readonly answers: BookingResponse__Output[] = [];
  readonly call: ClientDuplexStream<CarStatus, BookingResponse__Output>;
  readonly connection: FleetServiceClient;
  ended: { code: number; details: string } | undefined;

  constructor(port: number, options: CarOptions = {}) {
    this.id = options.id ?? `car-${randomUUID()}`;
    this.connection = options.connection ?? connect(port);
    const metadata = new Metadata();
    metadata.set(API_TOKEN_METADATA, options.token ?? DEVELOPMENT_API_TOKEN);
    this.call = this.connection.StreamTelemetry(metadata);
    this.call.on("data", (answer: BookingResponse__Output) => this.answers.push(answer));
    this.call.on("error", () => undefined); // `ended` tells it
    this.call.on("status", ({ code, details }) => {
      this.ended = { code, details };
      if (options.connection === undefined) this.connection.close();
    });
  }

  send(timestamp: number, change: CarStatus = {}): void {
    const place = { latitude: 40.7, longitude: -74, battery_level: 50, velocity: 30 };
    this.call.write({ car_id: this.id, timestamp, ...place, ...change });
  }

  answered = (count: number) => until(`${count} answers came`, () => this.answers.length >= count);
  over = () => until("the stream ended", () => this.ended);

  async leave(): Promise<void> {
    this.call.end();
    await this.over();
  }
}
