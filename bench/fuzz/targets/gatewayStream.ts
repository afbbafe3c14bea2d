import { decodeTelemetryBatch, loadFleetPackage, MAX_BATCH_REPORTS, telemetryFault } from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { status } from "@grpc/grpc-js";
import * as fc from "fast-check";
import { type Damage, damaged, someDamage } from "../damage.ts";
import {
  type CallEnd,
  callWith,
  type Framing,
  framed,
  isWellMannered,
  type Manner,
  mayEndSo,
  PATIENCE_MS,
  RawCall,
  someFraming,
  someManner,
} from "../grpcCall.ts";
import { asMs, type Moment, someMoment } from "../strange.ts";
import type { FuzzTarget } from "../target.ts";
import { type SomeReport, someReport } from "./telemetryStream.ts";

const { requestSerialize, responseDeserialize, path } = loadFleetPackage().FleetService.service.StreamFleet;

/** A batch, and what is done to it on its way. */
interface Batch {
  /** From the end of the batch before; undefined: it says what `first` says. */
  gap: number | undefined;
  first: number;
  reports: { report: Partial<SomeReport>; at: Moment }[];
  damage: Damage;
  framing: Framing;
}

interface Input {
  batches: Batch[];
  manner: Manner;
}

/** A moment that is no report's. */
const NEVER: Moment = { atMs: 0 };

const someReports: fc.Arbitrary<Batch["reports"]> = fc.array(fc.record({ report: someReport, at: someMoment }), {
  minLength: 1,
  maxLength: 12,
});
const someBatch: fc.Arbitrary<Batch> = fc.record({
  gap: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 3 }) }, { weight: 1, arbitrary: fc.constant(undefined) }),
  first: fc.constantFrom(0, -1, 1, 2, 2 ** 53 - 1, 2 ** 53, 2 ** 63 - 1024),
  reports: fc.oneof(
    { weight: 12, arbitrary: someReports },
    { weight: 1, arbitrary: fc.constant<Batch["reports"]>([]) },
    // Too many, of bytes that are few.
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(MAX_BATCH_REPORTS, MAX_BATCH_REPORTS + 1, 8_000)
        .map((count) => Array.from({ length: count }, () => ({ report: {}, at: NEVER }))),
    },
  ),
  damage: someDamage,
  framing: someFraming,
});

/** Bytes in place of a gateway's batches. */
export const gatewayStream: FuzzTarget<Input> = {
  name: "gateway-stream",
  about: "protobuf bytes and gRPC frames into ingestion's StreamFleet",
  input: fc.record({ batches: fc.array(someBatch, { maxLength: 6 }), manner: someManner }),
  async start(stage) {
    const ingestion = await stage.service("ingestion");
    return {
      services: [ingestion],
      async take({ batches, manner }) {
        let next = 1;
        const sent = batches.map(({ gap, first, reports, damage }) => {
          const first_sequence = gap === undefined ? first : next + gap;
          next = first_sequence + reports.length;
          const wire = reports.map(({ report, at }) => ({ ...report, timestamp: asMs(at) }));
          return damaged(requestSerialize({ first_sequence, reports: wire }), damage);
        });
        const framings = batches.map(({ framing }) => framing);
        const end = await callWith(ingestion.grpcPort, path, sent, framings, manner);
        mayEndSo(end, [status.INVALID_ARGUMENT]);
        const acked = ackedOf(end);
        if (isWellMannered(manner, framings) && end.status === status.OK) hasTold(acked, sent);
      },
      async serve() {
        const good = { car_id: "GOOD", latitude: 40.7, longitude: -74, battery_level: 50, timestamp: Date.now() };
        const call = new RawCall(ingestion.grpcPort, path);
        await call.send(framed(requestSerialize({ first_sequence: 1, reports: [good] })));
        await until("a good batch is acked", () => ackedOf(call).last === 1, PATIENCE_MS);
        await call.end();
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

interface Told {
  last: number;
  /** By sequence number. */
  rejected: Map<number, string>;
}

/** What a gateway was told. @throws Error when that contradicts itself */
function ackedOf({ answers }: Pick<CallEnd, "answers">): Told {
  const told: Told = { last: 0, rejected: new Map() };
  for (const { acked_sequence, rejected } of answers.map(responseDeserialize)) {
    if (acked_sequence < told.last) throw new Error(`${acked_sequence} is acked after ${told.last}`);
    for (const { sequence, field, reason } of rejected) {
      if (field === "" || reason === "") throw new Error(`report ${sequence} is rejected without a reason`);
      if (sequence > acked_sequence || sequence <= told.last || told.rejected.has(sequence))
        throw new Error(`report ${sequence} is named between ${told.last} and ${acked_sequence}`);
      told.rejected.set(sequence, field);
    }
    told.last = acked_sequence;
  }
  return told;
}

/** A stream that ended well has told of every report, and names each that breaks a rule. */
function hasTold({ last, rejected }: Told, sent: Buffer[]): void {
  const batches = sent.map(decodeTelemetryBatch);
  const end = batches.findLast(({ reports }) => reports.length > 0);
  const expected = end === undefined ? 0 : end.firstSequence + end.reports.length - 1;
  if (last !== expected) throw new Error(`a stream ended well at ${last}, not at ${expected}`);
  for (const { firstSequence, reports } of batches) {
    for (const [n, report] of reports.entries()) {
      const field = rejected.get(firstSequence + n);
      const fault = telemetryFault(report);
      // Whether its time is plausible depends on when it came.
      const isRight =
        fault === null ? field === undefined || field === "timestamp" : field !== undefined && fault.startsWith(field);
      if (!isRight)
        throw new Error(`report ${firstSequence + n} is told to be at fault in ${field}; its fault: ${fault}`);
    }
  }
}
