import {
  type BookingResponse__Output,
  BookingStatus,
  type CarStatus,
  decodeCarStatus,
  decodeTelemetry,
  faultyField,
  loadFleetPackage,
  type Telemetry,
  TOPICS,
  telemetryFault,
} from "@greenlane/contracts";
import { openTopicReader, type TopicReader } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";
import { status } from "@grpc/grpc-js";
import * as fc from "fast-check";
import { type Damage, damaged, someDamage } from "../damage.ts";
import {
  type CallEnd,
  callWith,
  type Framing,
  isWellMannered,
  type Manner,
  mayEndSo,
  sendGarbage,
  someFraming,
  someGarbage,
  someManner,
  WELL_MANNERED,
} from "../grpcCall.ts";
import { asMs, type Moment, someId, someMoment, someNumber } from "../strange.ts";
import type { FuzzTarget } from "../target.ts";

const { requestSerialize, responseDeserialize, path } = loadFleetPackage().FleetService.service.StreamTelemetry;

/** A report, and what is done to it on its way. */
interface Message {
  report: SomeReport;
  at: Moment;
  damage: Damage;
  framing: Framing;
}

type Input = { kind: "call"; messages: Message[]; manner: Manner } | { kind: "garbage"; bytes: Buffer };

const car = someId(["CAR-1", "CAR-2", "CAR-3"]);
const station = fc.oneof({ weight: 3, arbitrary: fc.constant("") }, { weight: 1, arbitrary: someId(["S1"]) });
export type SomeReport = Omit<CarStatus, "timestamp">;

export const someReport = fc.record({
  car_id: car,
  latitude: someNumber(-90, 90),
  longitude: someNumber(-180, 180),
  battery_level: someNumber(0, 100),
  velocity: someNumber(0, 400),
  charging_station_id: station,
  session_id: station,
  energy_kwh: someNumber(0, 10_000),
  odometer_km: someNumber(0, 1e8),
});
const someMessage = fc.record({ report: someReport, at: someMoment, damage: someDamage, framing: someFraming });

const input: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .record({ messages: fc.array(someMessage, { maxLength: 12 }), manner: someManner })
      .map((call) => ({ kind: "call" as const, ...call })),
  },
  { weight: 1, arbitrary: someGarbage.map((bytes) => ({ kind: "garbage" as const, bytes })) },
);

/** Bytes in place of a car's reports. */
export const telemetryStream: FuzzTarget<Input> = {
  name: "telemetry-stream",
  about: "protobuf bytes, gRPC frames and bare connections into ingestion's StreamTelemetry",
  input,
  async start(stage) {
    const ingestion = await stage.service("ingestion");
    const kafka = { KAFKA_BROKERS: [stage.servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 5_000 };
    const log = await openTopicReader(kafka, TOPICS.fleetEvents, "fuzz", silentLogger);
    const seen = new Map((await log.offsets()).map(({ partition, high }) => [partition, high]));

    return {
      services: [ingestion],
      async take(given) {
        if (given.kind === "garbage") return sendGarbage(ingestion.grpcPort, given.bytes);
        const { messages, manner } = given;
        const sent = messages.map(({ report, at, damage }) =>
          damaged(requestSerialize({ ...report, timestamp: asMs(at) }), damage),
        );
        const framings = messages.map(({ framing }) => framing);
        const end = await callWith(ingestion.grpcPort, path, sent, framings, manner);
        mayEndSo(end);
        const answers = end.answers.map(responseDeserialize);
        for (const answer of answers) mayBeSaid(answer);
        if (isWellMannered(manner, framings) && end.status === status.OK) areAnswers(answers, sent);
        if (isWellMannered(manner, framings) && end.status !== status.OK) isRefusedRightly(end, sent);
      },
      async serve() {
        const report = { car_id: "GOOD", latitude: 40.7, longitude: -74, battery_level: 50, timestamp: Date.now() };
        const { answers, status: code } = await callWith(
          ingestion.grpcPort,
          path,
          [requestSerialize(report)],
          [],
          WELL_MANNERED,
        );
        const said = answers.map((answer) => responseDeserialize(answer).message);
        if (code !== status.OK || said.join() !== "Telemetry received")
          throw new Error(`a good report was answered ${JSON.stringify(said)}, and its stream ended with ${code}`);
        await holdsOnlyReports(log, seen);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(log[Symbol.asyncDispose]()),
    };
  },
};

const FIELDS = new Set([
  ...["car_id", "latitude", "longitude", "battery_level", "velocity", "timestamp"],
  ...["charging_station_id", "session_id", "energy_kwh", "odometer_km"],
]);

function mayBeSaid({ status: code, message }: BookingResponse__Output): void {
  if (code === BookingStatus.BOOKING_UNKNOWN && message === "Telemetry received") return;
  if (code === BookingStatus.BOOKING_FAILED && FIELDS.has(faultyField(message))) return;
  throw new Error(`a report was answered ${code} "${message}"`);
}

/** Each message has its answer, in order, and of the bad ones each names what is wrong with it. */
function areAnswers(answers: BookingResponse__Output[], sent: Buffer[]): void {
  if (answers.length !== sent.length) throw new Error(`${sent.length} messages had ${answers.length} answers`);
  for (const [n, answer] of answers.entries()) {
    const report = decodeCarStatus(sent[n] ?? Buffer.alloc(0));
    const fault = telemetryFault(report);
    // Whether its time is plausible depends on when it came.
    const isRight =
      fault === null ? answer.message === "Telemetry received" || isTimeFault(answer) : answer.message === fault;
    const isItsOwn = answer.car_id === shownId(report);
    if (!isRight || !isItsOwn) throw new Error(`message ${n} was answered ${JSON.stringify(answer)}`);
  }
}

const isTimeFault = ({ message }: BookingResponse__Output) => faultyField(message) === "timestamp";
/** As it comes back over the wire. */
const shownId = ({ carId }: Telemetry) => Buffer.from(carId.slice(0, 128)).toString();

const MAX_MESSAGE_BYTES = 16_384;

/** A call that was made well ends badly only when one of its messages is none, or is too long. */
function isRefusedRightly({ status: code, details }: CallEnd, sent: Buffer[]): void {
  const isBad = (bytes: Buffer) => bytes.length > MAX_MESSAGE_BYTES || isMalformed(bytes);
  if (!sent.some(isBad)) throw new Error(`good messages were refused: ${code} ${details}`);
}

function isMalformed(bytes: Buffer): boolean {
  try {
    decodeCarStatus(bytes);
    return false;
  } catch {
    return true; // what it throws is for bytes that are no message
  }
}

/** What has come into the log since is fit to be there. */
async function holdsOnlyReports(log: TopicReader, seen: Map<number, number>): Promise<void> {
  for (const { partition, high } of await log.offsets()) {
    for (const { value, offset } of await log.readRange(partition, seen.get(partition) ?? 0, high)) {
      const event = decodeTelemetry(value);
      if (event.kind !== "telemetry") throw new Error(`offset ${offset} of ${partition} is ${JSON.stringify(event)}`);
    }
    seen.set(partition, high);
  }
}
