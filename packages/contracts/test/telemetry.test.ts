import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTelemetry, encodeTelemetry, MAX_TIME_MS, type Telemetry, telemetryFault } from "../src/index.ts";

const report: Telemetry = {
  carId: "CAR-001",
  latitude: 40.7234,
  longitude: -73.9876,
  batteryPercent: 85.3,
  velocityKmh: 45.2,
  timestampMs: 1_800_000_000_123,
  chargingStationId: "",
  sessionId: "",
  energyKwh: 0,
  odometerKm: 0,
};
const bytes = (text: string) => Buffer.from(text, "utf8");
const decodeJson = (value: unknown) => decodeTelemetry(bytes(JSON.stringify(value)));
const wireOf = (t: Telemetry): Record<string, unknown> => JSON.parse(encodeTelemetry(t));
const charging = { ...report, chargingStationId: "afdc-1", sessionId: "S-1", energyKwh: 1.5, odometerKm: 10 };
/** The names of all fields of the event. */
const FIELDS = Object.keys(wireOf(charging));

const visible = fc.oneof(
  fc.constantFrom('"', "\\", "'", "{", "/", "é", "充", "🚗", "\u0301"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter((char) => !/[\p{C}\p{Z}]/u.test(char)),
);
const id = fc
  .tuple(fc.array(fc.oneof({ weight: 9, arbitrary: visible }, fc.constant(" ")), { maxLength: 40 }), visible, visible)
  .map(([inner, first, last]) => `${first}${inner.join("")}${last}`);
const within = (min: number, max: number) =>
  fc.oneof(fc.double({ min, max, noNaN: true }), fc.constantFrom(1e-7, 5e-324, 0.1 + 0.2, max));

/** Every report that breaks no rule. */
const validReport: fc.Arbitrary<Telemetry> = fc
  .record({
    carId: id,
    latitude: within(-90, 90),
    longitude: within(-180, 180),
    batteryPercent: within(0, 100),
    velocityKmh: within(0, 400),
    timestampMs: fc.oneof(fc.integer({ min: 1, max: MAX_TIME_MS }), fc.constantFrom(1, 2 ** 31, 2 ** 32, MAX_TIME_MS)),
    chargingStationId: fc.oneof(fc.constant(""), id),
    sessionId: fc.oneof(fc.constant(""), id),
    energyKwh: within(0, 10_000),
    odometerKm: within(0, 100_000_000),
  })
  .map((t) => (t.chargingStationId === "" ? { ...t, sessionId: "" } : t));

/** JSON writes -0 as 0: the one number that comes back as another, and an equal one. */
const withoutNegativeZeros = (t: Telemetry): Telemetry =>
  Object.fromEntries(Object.entries(t).map(([name, value]) => [name, value === 0 ? 0 : value])) as unknown as Telemetry;

test("a valid report comes back from the log as it was, except that -0 is 0", () => {
  fc.assert(
    fc.property(validReport, (t) => {
      expect(telemetryFault(t)).toBeNull();
      expect(decodeTelemetry(bytes(encodeTelemetry(t)))).toEqual({
        kind: "telemetry",
        telemetry: withoutNegativeZeros(t),
      });
    }),
  );
});

test("an event has the first contract's fields always, and the later ones where they say something", () => {
  fc.assert(
    fc.property(validReport, (t) => {
      expect(wireOf(t)).toEqual({
        car_id: t.carId,
        lat: t.latitude + 0,
        lon: t.longitude + 0,
        battery: t.batteryPercent + 0,
        velocity: t.velocityKmh + 0,
        timestamp: t.timestampMs,
        event_type: "telemetry",
        ...(t.chargingStationId === "" ? {} : { charging_station_id: t.chargingStationId }),
        ...(t.sessionId === "" ? {} : { session_id: t.sessionId }),
        ...(t.energyKwh === 0 ? {} : { energy_kwh: t.energyKwh }),
        ...(t.odometerKm === 0 ? {} : { odometer_km: t.odometerKm }),
      });
    }),
  );
});

test("the encoder makes JSON of any id and any finite number, the refused ones too", () => {
  const hostileId = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\u2028", "\ud800", "\u0000", '\\"'));
  const finite = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(1e21, -1e-7, 1e308));
  fc.assert(
    fc.property(hostileId, finite, (carId, value) => {
      expect(wireOf({ ...report, carId, odometerKm: value })).toEqual({
        ...wireOf({ ...report, carId: "" }),
        car_id: carId,
        ...(value === 0 ? {} : { odometer_km: value }),
      });
    }),
  );
});

test("whatever bytes the log holds, they are read as something or as poison with a reason", () => {
  const almost = fc
    .tuple(fc.constantFrom(...FIELDS), fc.jsonValue())
    .map(([field, value]) => bytes(JSON.stringify({ ...wireOf(report), [field]: value })));
  const json = fc
    .oneof(
      fc.json(),
      fc.json().map((text) => text.slice(0, -1)),
    )
    .map(bytes);
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), json, almost), (value) => {
      const decoded = decodeTelemetry(value);
      if (decoded.kind === "telemetry") expect(telemetryFault(decoded.telemetry)).toBeNull();
      if (decoded.kind === "poison") expect(decoded.reason).not.toBe("");
    }),
  );
  expect(decodeTelemetry(null)).toEqual({ kind: "poison", reason: "no value" });
});

test("a consumer passes over fields that it does not know, whatever they hold", () => {
  const unknownField = fc.string().filter((name) => !FIELDS.includes(name));
  fc.assert(
    fc.property(fc.dictionary(unknownField, fc.jsonValue()), (unknown) => {
      expect(decodeJson({ ...unknown, ...wireOf(report) })).toEqual({ kind: "telemetry", telemetry: report });
    }),
  );
});

test("a consumer passes over events of other types, whatever else they hold", () => {
  const otherType = fc.string().filter((type) => type !== "telemetry");
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), otherType, (value, eventType) => {
      expect(decodeJson({ ...value, event_type: eventType })).toEqual({ kind: "other", eventType });
    }),
  );
});

test.each([
  ["car_id", { carId: "" }],
  ["car_id", { carId: "a".repeat(129) }],
  ["car_id", { carId: "tab\there" }],
  ["car_id", { carId: " led by a space" }],
  ["car_id", { carId: "line\u2028separator" }],
  ["car_id", { carId: "half an emoji \ud83d" }],
  ["latitude", { latitude: 90.000001 }],
  ["latitude", { latitude: Number.NaN }],
  ["longitude", { longitude: -180.000001 }],
  ["longitude", { longitude: Number.NEGATIVE_INFINITY }],
  ["battery_level", { batteryPercent: -0.1 }],
  ["battery_level", { batteryPercent: Number.NaN }],
  ["velocity", { velocityKmh: 400.1 }],
  ["velocity", { velocityKmh: Number.POSITIVE_INFINITY }],
  ["timestamp", { timestampMs: 0 }],
  ["timestamp", { timestampMs: 1.5 }],
  ["timestamp", { timestampMs: Number.NaN }],
  ["timestamp", { timestampMs: MAX_TIME_MS + 1 }],
  ["charging_station_id", { chargingStationId: "\u0000" }],
  ["charging_station_id", { sessionId: "S-1" }],
  ["session_id", { ...charging, sessionId: "S-1 " }],
  ["energy_kwh", { energyKwh: -1 }],
  ["energy_kwh", { energyKwh: Number.NaN }],
  ["odometer_km", { odometerKm: 1e9 }],
])("a report is refused with the name of its bad field: %s in %o", (field, change: Partial<Telemetry>) => {
  const refused = { ...report, ...change };
  expect(telemetryFault(refused)?.split(" ")[0]).toBe(field);
});

test.each(
  Object.keys(wireOf({ ...report, ...{ chargingStationId: "S", sessionId: "s", energyKwh: 1, odometerKm: 1 } })),
)("an event whose %s is of another kind is poison, with the field's name in the reason", (field) => {
  const decoded = decodeJson({ ...wireOf(charging), [field]: { not: "this" } });
  expect(decoded).toEqual({ kind: "poison", reason: expect.stringContaining(field) });
});

test("the moment of an accepted report can be named by a date", () => {
  expect(telemetryFault({ ...report, timestampMs: MAX_TIME_MS })).toBeNull();
  expect(new Date(MAX_TIME_MS).toISOString()).toBe("+275760-09-13T00:00:00.000Z");
  expect(new Date(MAX_TIME_MS + 1).getTime()).toBeNaN();
});

test("a hostile id is refused without a search through all ways to read it", () => {
  const check = () => telemetryFault({ ...report, carId: `${"a".repeat(127)}\u0001` });
  expect(runInNewContext("check()", { check }, { timeout: 20_000 })).toBe("car_id must hold printable characters only");
});

test("an event in the encoder's layout is read as JSON.parse reads it, number by number", () => {
  const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$/);
  fc.assert(
    fc.property(fc.record({ lat: digits, battery: digits, timestamp: digits, odometer: digits }), (n) => {
      const json = `{"car_id":"A 1","lat":${n.lat},"lon":-0.0,"battery":${n.battery},"velocity":1e2,"timestamp":${n.timestamp},"event_type":"telemetry","odometer_km":${n.odometer}}`;
      const plain = json.replace("1e2", "100");
      expect(decodeTelemetry(bytes(plain))).toEqual(decodeTelemetry(bytes(` ${plain}`)));
      expect(decodeTelemetry(bytes(json))).toEqual(decodeTelemetry(bytes(plain)));
    }),
    { numRuns: 1_000 },
  );
});

test("what is nearly the encoder's layout is judged as any JSON is", () => {
  const text = encodeTelemetry(charging);
  const nearly = [
    text.replace("-73.9876", "-"),
    text.replace("-73.9876", "-073.9876"),
    text.replace("-73.9876", "73."),
    text.replace("CAR-001", "CAR\t001"),
    text.replace("CAR-001", "CAR\\u00e9"),
    text.slice(0, -1),
    `${text}}`,
    text.replace(',"event_type":"telemetry"', ',"event_type":"telemetry","event_type":"other"'),
    text.replace(',"odometer_km":10', ',"odometer_km":10,"odometer_km":11'),
    text.replace('"S-1"', "7"),
  ];
  for (const each of nearly)
    expect([each, decodeTelemetry(bytes(each))]).toEqual([each, decodeTelemetry(bytes(`\n${each}`))]);
});
