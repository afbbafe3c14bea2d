import {
  type BookingEvent,
  decodeBookingEvent,
  decodeTelemetry,
  encodeTelemetry,
  MAX_TIME_MS,
  telemetryFault,
} from "@greenlane/contracts";
import * as fc from "fast-check";
import { bytesOf, type SomeEvent, someEvent } from "../events.ts";
import type { FuzzTarget } from "../target.ts";

/** JSON in place of events, into what reads them. */
export const eventValues: FuzzTarget<SomeEvent[]> = {
  name: "event-values",
  about: "values of Kafka records into the readers of events, in volume",
  input: fc.array(someEvent, { maxLength: 40 }),
  async start() {
    return {
      services: [],
      async take(events) {
        for (const event of events) readsOrRefuses(bytesOf(event));
      },
      async serve() {
        const value = Buffer.from(
          '{"car_id":"C","lat":1,"lon":1,"battery":1,"velocity":1,"timestamp":1,"event_type":"telemetry"}',
        );
        if (decodeTelemetry(value).kind !== "telemetry") throw new Error("an event of the first contract is not read");
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

function readsOrRefuses(value: Buffer | null): void {
  const read = decodeTelemetry(value);
  if (read.kind === "poison" && read.reason === "") throw new Error("an event is refused without a reason");
  if (read.kind === "telemetry") {
    const fault = telemetryFault(read.telemetry);
    if (fault !== null) throw new Error(`an event is read though its ${fault}`);
    const again = decodeTelemetry(Buffer.from(encodeTelemetry(read.telemetry)));
    if (JSON.stringify(again) !== JSON.stringify(read))
      throw new Error("an event reads otherwise when it is written again");
  }
  const change = decodeBookingEvent(value);
  if (change !== undefined) canBeTold(change);
}

/** Whoever reads a change tells of its moments and its numbers. */
function canBeTold(change: BookingEvent): void {
  for (const moment of [change.timestamp, change.start, change.end]) {
    if (!(Math.abs(moment) <= MAX_TIME_MS)) throw new Error(`${moment} is no moment`);
  }
  for (const number of [change.kwh, change.price_rate, change.version, change.event_id]) {
    if (!Number.isFinite(number)) throw new Error(`${number} is no number`);
  }
}
