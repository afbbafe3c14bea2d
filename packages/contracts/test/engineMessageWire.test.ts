import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  BookingStatus,
  type EngineMessage__Output,
  encodeEngineMessage,
  loadFleetPackage,
  RefusalReason,
  WireBookingState,
} from "../src/index.ts";

const { responseSerialize, responseDeserialize } = loadFleetPackage().NegotiationService.service.Negotiate;

const text = fc.string({ unit: "grapheme", maxLength: 300 });
const double = fc.double();
const moment = fc.maxSafeInteger().map(Math.abs);
const int32 = fc.nat();
const flag = fc.boolean();
const enumOf = (numbers: Record<string, number>) => fc.constantFrom(...Object.values(numbers));

const offer = fc.record({
  offer_id: text,
  station_id: text,
  connector_id: text,
  connector_type: text,
  power_kw: double,
  latitude: double,
  longitude: double,
  distance_km: double,
  arrival: moment,
  start: moment,
  end: moment,
  kwh: double,
  price_per_kwh: double,
  price_total: double,
  expires: moment,
  holds: flag,
  expected_wait_minutes: double,
  grid_price_per_kwh: double,
});
const offers = fc.record({
  request_id: text,
  car_id: text,
  offers: fc.array(offer, { maxLength: 5 }),
  rounds_left: int32,
  invitation: flag,
  message: text,
});
const booking = fc.record({
  booking_id: text,
  request_id: text,
  car_id: text,
  station_id: text,
  connector_id: text,
  state: enumOf(WireBookingState),
  status: enumOf(BookingStatus),
  start: moment,
  end: moment,
  kwh: double,
  price_per_kwh: double,
  arrive_by: moment,
  updated: moment,
  version: int32,
  message: text,
  latitude: double,
  longitude: double,
});
const waitlisted = fc.record({ request_id: text, car_id: text, position: int32, message: text });
const refusal = fc.record({
  request_id: text,
  car_id: text,
  reason: enumOf(RefusalReason),
  message: text,
  field: text,
  retry_after_ms: moment,
  booking_id: text,
});
const engineMessage = fc.oneof(
  fc.record({ kind: fc.constant("offers"), offers }),
  fc.record({ kind: fc.constant("booking"), booking }),
  fc.record({ kind: fc.constant("waitlisted"), waitlisted }),
  fc.record({ kind: fc.constant("refusal"), refusal }),
) as fc.Arbitrary<EngineMessage__Output>;

test("every message of the engine is read as if proto-loader had written it", () => {
  fc.assert(
    fc.property(engineMessage, (message) => {
      expect(responseDeserialize(encodeEngineMessage(message))).toEqual(
        responseDeserialize(responseSerialize(message)),
      );
    }),
    { numRuns: 1_000 },
  );
});

test("a message is its own, whatever is written after it", () => {
  fc.assert(
    fc.property(engineMessage, engineMessage, (first, second) => {
      const bytes = encodeEngineMessage(first);
      const before = Buffer.from(bytes);
      encodeEngineMessage(second);
      expect(bytes).toEqual(before);
    }),
  );
});

const waitlistedAt = (position: number): EngineMessage__Output => ({
  kind: "waitlisted",
  waitlisted: { request_id: "R", car_id: "CAR-001", position, message: "" },
});

test("a fraction is left out, as proto-loader leaves it out", () => {
  const bytes = encodeEngineMessage(waitlistedAt(3.9));
  expect(responseDeserialize(bytes).waitlisted?.position).toBe(3);
});

test("what is no number is refused, and leaves nothing in the next message", () => {
  const good = encodeEngineMessage(waitlistedAt(1));
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(() => encodeEngineMessage(waitlistedAt(wrong))).toThrow(RangeError);
    expect(encodeEngineMessage(waitlistedAt(1))).toEqual(good);
  }
});
