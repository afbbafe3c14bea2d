import { expect, test } from "vitest";
import { type BookingEvent, connectivityEventSchema, decodeBookingEvent, gridPriceSchema } from "../src/index.ts";

const connected = {
  event_type: "car_connected",
  car_id: "CAR-001",
  timestamp: 1_800_000_000_123,
  reason: "stream opened",
  instance: "ingestion-1",
};
const price = {
  timestamp: 1_800_000_000_123,
  price_per_kwh: 0.32,
  grid_load: "High",
  energy_source: "Grid",
  hour: 18,
  valid_from: 1_799_999_100_000,
  valid_until: 1_800_000_000_000,
};
const schemas = [
  { name: "a connectivity event", schema: connectivityEventSchema, example: connected },
  { name: "a price", schema: gridPriceSchema, example: price },
];

test.each(schemas)("$name is read with the fields that are known, and the others are passed over", (known) => {
  expect(known.schema.parse({ ...known.example, added_later: [1] })).toEqual(known.example);
});

test.each(
  schemas.flatMap(({ name, schema, example }) =>
    Object.keys(example).map((field) => ({ name, schema, example, field })),
  ),
)("$name without its $field is refused by that name", ({ schema, example, field }) => {
  const parsed = schema.safeParse({ ...example, [field]: undefined });
  expect(parsed.error?.issues[0]?.path).toEqual([field]);
});

test.each([{ event_type: "telemetry" }, { car_id: 7 }, { timestamp: "yesterday" }])(
  "a connectivity event with %o is refused",
  (change) => {
    expect(connectivityEventSchema.safeParse({ ...connected, ...change }).success).toBe(false);
  },
);

test.each([
  { hour: 24 },
  { hour: -1 },
  { hour: 18.5 },
  { grid_load: "high" },
  { energy_source: "Coal" },
  { price_per_kwh: "0.32" },
  { price_per_kwh: Number.NaN },
  { price_per_kwh: 100.01 },
  { valid_until: 1.5 },
])("an answer with %o is no price", (change) => {
  expect(gridPriceSchema.safeParse({ ...price, ...change }).success).toBe(false);
});

test("a price may be negative: there are hours in which the grid pays for what is taken", () => {
  expect(gridPriceSchema.parse({ ...price, price_per_kwh: -0.012 }).price_per_kwh).toBe(-0.012);
});

const change: BookingEvent = {
  event_id: 1,
  event_type: "booking_confirmed",
  booking_id: "B1",
  car_id: "CAR-001",
  station_id: "S1",
  connector_id: "c1",
  status: 1,
  state: "RESERVED",
  timestamp: 1_800_000_000_123,
  price_rate: 0.3,
  start: 1_800_000_000_000,
  end: 1_800_003_600_000,
  kwh: 20,
  request_id: "R1",
  reason: "",
  version: 1,
};
const asRead = (more: object) => decodeBookingEvent(Buffer.from(JSON.stringify({ ...change, ...more })));

test("a booking's change is read, and one at a moment that no date can name is passed over", () => {
  expect(asRead({})).toEqual(change);
  for (const field of ["timestamp", "start", "end"]) {
    expect(asRead({ [field]: 8.64e15 })).toBeDefined();
    expect([field, asRead({ [field]: 8.64e15 + 1 })]).toEqual([field, undefined]);
    expect([field, asRead({ [field]: -1 })]).toEqual([field, undefined]);
  }
});
