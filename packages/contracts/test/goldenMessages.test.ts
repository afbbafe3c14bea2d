import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { loadFleetPackage } from "../src/index.ts";

const fleet = loadFleetPackage();
type MessageName = "CarStatus" | "BookingRequest" | "BookingResponse" | "TelemetryEvent" | "BookingEvent";

/** What each message decodes to when nothing is on the wire. */
const DEFAULTS: Record<MessageName, object> = {
  CarStatus: {
    car_id: "",
    latitude: 0,
    longitude: 0,
    battery_level: 0,
    velocity: 0,
    timestamp: 0,
    charging_station_id: "",
    session_id: "",
    energy_kwh: 0,
    odometer_km: 0,
  },
  BookingRequest: {
    car_id: "",
    station_id: "",
    expected_arrival: 0,
    battery_level: 0,
    request_id: "",
    target_level: 0,
    capacity_kwh: 0,
    max_power_kw: 0,
  },
  BookingResponse: {
    booking_id: "",
    car_id: "",
    station_id: "",
    status: 0,
    message: "",
    timestamp: 0,
    price_rate: 0,
    connector_id: "",
    start: 0,
    end: 0,
    kwh: 0,
    state: 0,
  },
  TelemetryEvent: {
    car_id: "",
    latitude: 0,
    longitude: 0,
    battery_level: 0,
    velocity: 0,
    timestamp: 0,
    event_type: "",
  },
  BookingEvent: { booking_id: "", car_id: "", station_id: "", status: 0, timestamp: 0, price_rate: 0, event_type: "" },
};

const goldenFile = z.object({
  messages: z.array(
    z.object({
      name: z.string(),
      type: z.enum(Object.keys(DEFAULTS) as MessageName[]),
      value: z.record(z.string(), z.union([z.string(), z.number()])),
      reencodes: z.boolean(),
      hex: z.string(),
    }),
  ),
});
const { messages } = goldenFile.parse(
  JSON.parse(readFileSync(new URL("./golden/messages.json", import.meta.url), "utf8")),
);

test.each(messages)("what Python's protobuf sent is read as it was meant: $name", ({ type, value, hex }) => {
  expect(fleet[type].deserialize(Buffer.from(hex, "hex"))).toEqual({ ...DEFAULTS[type], ...value });
});

test.each(messages.filter(({ reencodes }) => reencodes))(
  "what is sent has the bytes of Python's protobuf: $name",
  (message) => {
    expect(fleet[message.type].serialize(message.value).toString("hex")).toBe(message.hex);
  },
);

test("every kind of message is among the golden ones", () => {
  expect(new Set(messages.map(({ type }) => type))).toEqual(new Set(Object.keys(DEFAULTS)));
});

test("fields given at their defaults are read as left out, whether or not they are on the wire", () => {
  for (const type of Object.keys(DEFAULTS) as MessageName[]) {
    expect(fleet[type].deserialize(fleet[type].serialize(DEFAULTS[type]))).toEqual(DEFAULTS[type]);
  }
});

test("a timestamp that a double cannot hold is read as a number that is refused, not as another moment", () => {
  const sent = fleet.CarStatus.serialize({ car_id: "CAR-001", timestamp: "9223372036854775807" });
  expect(Number.isSafeInteger(fleet.CarStatus.deserialize(sent).timestamp)).toBe(false);
});
