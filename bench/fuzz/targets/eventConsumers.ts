import { once } from "node:events";
import {
  API_TOKEN_METADATA,
  type BookingEvent,
  type BookingResponse__Output,
  DEVELOPMENT_API_TOKEN,
  decodeTelemetry,
  GROUPS,
  HEADERS,
  loadFleetPackage,
  TOPICS,
} from "@greenlane/contracts";
import { type LogRecord, openLogWriter, openTopicAdmin, openTopicReader, type TopicReader } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { credentials, Metadata } from "@grpc/grpc-js";
import * as fc from "fast-check";
import { bytesOf, CARS, type SomeEvent, someEvent } from "../events.ts";
import type { FuzzTarget } from "../target.ts";

interface Input {
  topic: "fleetEvents" | "bookingEvents";
  records: { key: string | null; event: SomeEvent; header: Uint8Array | null }[];
}

const input: fc.Arbitrary<Input> = fc.record({
  topic: fc.constantFrom("fleetEvents", "bookingEvents"),
  records: fc.array(
    fc.record({
      key: fc.oneof(fc.constantFrom(...CARS), fc.constant(null), fc.string({ unit: "binary", maxLength: 20 })),
      event: someEvent,
      header: fc.option(fc.uint8Array({ maxLength: 20 }), { freq: 5 }),
    }),
    { minLength: 1, maxLength: 40 },
  ),
});

/** What stands in the log that nobody of ours wrote. */
export const eventConsumers: FuzzTarget<Input> = {
  name: "event-consumers",
  about: "records into fleet-events and booking-events, before the pricing worker, booking and ingestion",
  input,
  async start(stage) {
    const grid = await stage.service("mock-grid");
    const [worker, booking, ingestion] = await Promise.all([
      stage.service("pricing-worker"),
      stage.service("booking"),
      stage.service("ingestion"),
    ]);
    await using opening = new AsyncDisposableStack();
    const kafka = { KAFKA_BROKERS: [stage.servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 5_000 };
    const writer = opening.use(await openLogWriter(kafka, "fuzz", silentLogger));
    const admin = opening.use(await openTopicAdmin(kafka, "fuzz", silentLogger));
    const letters = new DeadLetters(
      opening.use(await openTopicReader(kafka, TOPICS.fleetEvents, "fuzz", silentLogger)),
      opening.use(await openTopicReader(kafka, TOPICS.fleetEventsDeadLetter, "fuzz", silentLogger)),
    );
    await letters.begin();
    const listeners = opening.use(new Listeners(ingestion.grpcPort));
    let versions = 0;

    const isRead = async (group: string) => (await admin.lag(group, TOPICS.fleetEvents)).every(({ lag }) => lag === 0);
    const tell = (change: BookingEvent) =>
      writer.append(TOPICS.bookingEvents, [{ key: change.car_id, value: JSON.stringify(change) }]);

    const opened = opening.move();
    return {
      services: [worker, booking, ingestion, grid],
      async take({ topic, records }) {
        await listeners.listen();
        await writer.append(
          TOPICS[topic],
          sendable(records).map(
            ({ key, event, header }): LogRecord => ({
              key: key?.toWellFormed() ?? null,
              value: bytesOf(event),
              ...(header !== null && { headers: { [HEADERS.receivedAtMs]: Buffer.from(header), "": "" } }),
            }),
          ),
        );
        if (topic === "bookingEvents") return;
        await until("the pricing worker has moved on", () => isRead(GROUPS.pricingWorker));
        await until("booking has moved on", () => isRead(GROUPS.booking));
        await letters.compare();
      },
      async serve() {
        await listeners.listen();
        const version = ++versions;
        for (const carId of CARS) await tell(goodChange(carId, version));
        await until("each car has heard of its booking", () =>
          CARS.every((carId) => listeners.hasHeard(carId, version)),
        );
      },
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
};

const goodChange = (carId: string, version: number): BookingEvent => ({
  event_id: version,
  event_type: "booking_confirmed",
  booking_id: `good-${carId}`,
  car_id: carId,
  station_id: "S1",
  connector_id: "c1",
  status: 1,
  state: "RESERVED",
  timestamp: Date.now(),
  price_rate: 0.3,
  start: Date.now(),
  end: Date.now() + 3_600_000,
  kwh: version,
  request_id: "R1",
  reason: "",
  version,
});

/** The broker itself refuses an append of more than a megabyte. */
const MAX_APPEND_BYTES = 900_000;

function sendable(records: Input["records"]): Input["records"] {
  let bytes = 0;
  return records.filter(({ event }) => {
    const length = bytesOf(event)?.length ?? 0;
    if (bytes + length > MAX_APPEND_BYTES) return false;
    bytes += length;
    return true;
  });
}

/** Holds that what cannot be read is put aside, each once, as it was, and nothing else is. */
class DeadLetters {
  readonly #events: TopicReader;
  readonly #letters: TopicReader;
  readonly #readTo = new Map<number, number>();
  #lettersReadTo = 0;

  constructor(events: TopicReader, letters: TopicReader) {
    this.#events = events;
    this.#letters = letters;
  }

  /** From here on. */
  async begin(): Promise<void> {
    for (const { partition, high } of await this.#events.offsets()) this.#readTo.set(partition, high);
    for (const { high } of await this.#letters.offsets()) this.#lettersReadTo = high;
  }

  /** @throws Error when the letters since it was asked last are not those of the events since then */
  async compare(): Promise<void> {
    const expected = await this.#expected();
    const written = new Set<string>();
    for (const { high } of await this.#letters.offsets()) {
      for (const { headers, value } of await this.#letters.readRange(0, this.#lettersReadTo, high)) {
        const place = `${headers[HEADERS.originPartition]}/${headers[HEADERS.originOffset]}`;
        if (written.has(place)) throw new Error(`${place} is put aside twice`);
        written.add(place);
        if (!expected.has(place)) throw new Error(`${place} is put aside: ${headers[HEADERS.reason]}; it is ${value}`);
        if (`${headers[HEADERS.reason] ?? ""}` === "") throw new Error(`${place} is put aside without a reason`);
        const original = expected.get(place);
        if (
          headers[HEADERS.cutFromBytes] === undefined &&
          !(original ?? Buffer.alloc(0)).equals(value ?? Buffer.alloc(0))
        )
          throw new Error(`${place} is not put aside as it was`);
      }
      this.#lettersReadTo = high;
    }
    for (const [place, value] of expected)
      if (!written.has(place)) throw new Error(`${place} is not put aside: ${value}`);
  }

  /** The values that cannot be read, by their place. */
  async #expected(): Promise<Map<string, Buffer | null>> {
    const expected = new Map<string, Buffer | null>();
    for (const { partition, high } of await this.#events.offsets()) {
      for (const { offset, value } of await this.#events.readRange(partition, this.#readTo.get(partition) ?? 0, high)) {
        if (decodeTelemetry(value).kind === "poison") expected.set(`${partition}/${offset}`, value);
      }
      this.#readTo.set(partition, high);
    }
    return expected;
  }
}

const { FleetService } = loadFleetPackage();

/** The cars of the events, as they stream telemetry and hear of their bookings; their streams are opened anew when they end. */
class Listeners implements AsyncDisposable {
  readonly #client: InstanceType<typeof FleetService>;
  readonly #metadata = new Metadata();
  readonly #heard = new Map<string, number>();
  #stream: ReturnType<InstanceType<typeof FleetService>["StreamTelemetry"]> | undefined;

  constructor(port: number) {
    this.#client = new FleetService(`127.0.0.1:${port}`, credentials.createInsecure());
    this.#metadata.set(API_TOKEN_METADATA, DEVELOPMENT_API_TOKEN);
  }

  async listen(): Promise<void> {
    if (this.#stream !== undefined) return;
    const stream = this.#client.StreamTelemetry(this.#metadata);
    this.#stream = stream;
    let acks = 0;
    stream
      .on("data", (answer: BookingResponse__Output) => {
        if (answer.booking_id === "") acks++;
        if (answer.booking_id === `good-${answer.car_id}`) this.#heard.set(answer.car_id, answer.kwh);
      })
      .on("error", () => {
        this.#stream = undefined;
      });
    for (const car_id of CARS)
      stream.write({ car_id, latitude: 40.7, longitude: -74, battery_level: 50, timestamp: Date.now() });
    await until("the cars are heard", () => acks === CARS.length || this.#stream !== stream);
  }

  hasHeard = (carId: string, version: number) => (this.#heard.get(carId) ?? 0) >= version;

  async [Symbol.asyncDispose](): Promise<void> {
    const stream = this.#stream;
    if (stream !== undefined) {
      const ended = once(stream, "status");
      stream.end();
      await ended;
    }
    this.#client.close();
  }
}
