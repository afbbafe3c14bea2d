import { BOOKING_EVENT_TYPES } from "@greenlane/contracts";
import * as fc from "fast-check";
import { type Damage, damaged, someDamage } from "./damage.ts";
import { asMs, type Moment, someId, someMoment, someNumber } from "./strange.ts";

/** A value of a Kafka record: an event, with fields exchanged, damaged as bytes; or anything at all. */
export type SomeEvent =
  | { kind: "event"; fields: Record<string, unknown>; at: Moment; damage: Damage }
  | { kind: "bytes"; bytes: Uint8Array | null };

/** The cars of events. */
export const CARS = ["CAR-1", "CAR-2", "CAR-3"];

const text = fc.string({ unit: "binary", maxLength: 60 });
const id = someId([...CARS, "S1", "B1", "R1"]);

const telemetry = fc.record({
  event_type: fc.constant("telemetry"),
  car_id: someId(CARS),
  lat: someNumber(-90, 90),
  lon: someNumber(-180, 180),
  battery: someNumber(0, 100),
  velocity: someNumber(0, 400),
});
const charging = fc.record({
  charging_station_id: someId(["S1"]),
  session_id: someId(["B1", "B2"]),
  energy_kwh: someNumber(0, 100),
  odometer_km: someNumber(0, 1e8),
});
const bookingChange = fc.record({
  event_id: fc.integer(),
  event_type: fc.constantFrom(...BOOKING_EVENT_TYPES),
  booking_id: id,
  car_id: someId(CARS),
  station_id: id,
  connector_id: id,
  status: fc.constantFrom(0, 1, 2, 3),
  state: fc.constantFrom("PENDING", "RESERVED", "REJECTED", "FAILED", "FULFILLED", "CANCELED", "NO_SHOW"),
  price_rate: someNumber(0, 1),
  start: someMoment.map(asFixed),
  end: someMoment.map(asFixed),
  kwh: someNumber(0, 100),
  request_id: id,
  reason: text,
  version: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
});
const other = fc.record({ event_type: fc.oneof(fc.constant("weather"), text), car_id: someId(CARS) });

/** In an event's JSON a moment does not move with the clock. */
function asFixed(moment: Moment): number {
  return "atMs" in moment ? moment.atMs : 1_800_000_000_000 + moment.fromNowMs;
}

/** Fields that are of another kind than they should be, or that nobody knows. */
const exchanged = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.constantFrom(
        ...["event_type", "car_id", "lat", "timestamp", "start", "end", "kwh", "version", "state", "session_id"],
        ...["__proto__", "toJSON", "more", "reason"],
      ),
      fc.jsonValue({ maxDepth: 3 }),
      { maxKeys: 2 },
    ),
  },
);

const someFields = fc
  .tuple(
    fc.oneof(
      telemetry,
      fc.tuple(telemetry, charging).map(([a, b]) => ({ ...a, ...b })),
      bookingChange,
      other,
    ),
    exchanged,
  )
  .map(([fields, instead]): Record<string, unknown> => ({ ...fields, ...instead }));

const DEEP = 20_000;

export const someEvent: fc.Arbitrary<SomeEvent> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({ fields: someFields, at: someMoment, damage: someDamage })
      .map((event) => ({ kind: "event" as const, ...event })),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        fc.constant(null),
        fc.uint8Array({ maxLength: 200 }),
        fc
          .constantFrom("null", "[]", "1e999", "[".repeat(DEEP), `{"a":${"[".repeat(DEEP)}`, "\ufeff{}")
          .map(Buffer.from),
      )
      .map((bytes) => ({ kind: "bytes" as const, bytes })),
  },
);

/** The bytes that are sent. */
export function bytesOf(event: SomeEvent): Buffer | null {
  if (event.kind === "bytes") return event.bytes === null ? null : Buffer.from(event.bytes);
  const { fields, at, damage } = event;
  return damaged(Buffer.from(json({ timestamp: asMs(at), ...fields })), damage);
}

/** JSON as another programme may write it: numbers that JSON has no word for come as such that are too great. */
function json(fields: Record<string, unknown>): string {
  return JSON.stringify(fields, (_, value) =>
    typeof value === "number" && !Number.isFinite(value) ? "\u0001" : value,
  ).replaceAll('"\\u0001"', "1e999");
}
