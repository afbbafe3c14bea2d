import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ackTemplate, decodeCarStatus, encodeAck, loadFleetPackage, MalformedMessage } from "../src/index.ts";

const { requestSerialize, requestDeserialize, responseSerialize } =
  loadFleetPackage().FleetService.service.StreamTelemetry;

const carStatus = fc.record({
  car_id: fc.string({ unit: "grapheme", maxLength: 300 }),
  latitude: fc.double({ noNaN: true }),
  longitude: fc.double(),
  battery_level: fc.double(),
  velocity: fc.double(),
  timestamp: fc.maxSafeInteger(),
  charging_station_id: fc.string(),
  session_id: fc.string(),
  energy_kwh: fc.double(),
  odometer_km: fc.double(),
});

/** A report as proto-loader reads it, in the words of the domain. */
function byProtoLoader(bytes: Buffer): object {
  const s = requestDeserialize(bytes);
  return {
    carId: s.car_id,
    latitude: s.latitude,
    longitude: s.longitude,
    batteryPercent: s.battery_level,
    velocityKmh: s.velocity,
    timestampMs: s.timestamp,
    chargingStationId: s.charging_station_id,
    sessionId: s.session_id,
    energyKwh: s.energy_kwh,
    odometerKm: s.odometer_km,
  };
}

test("every CarStatus is read as proto-loader reads it", () => {
  fc.assert(
    fc.property(carStatus, (status) => {
      const bytes = requestSerialize(status);
      expect(decodeCarStatus(bytes)).toEqual(byProtoLoader(bytes));
    }),
  );
});

test("every CarStatus of another implementation is read as proto-loader reads it", () => {
  const { messages } = JSON.parse(readFileSync(new URL("./golden/messages.json", import.meta.url), "utf8")) as {
    messages: { type: string; hex: string }[];
  };
  const ours = messages.filter(({ type }) => type === "CarStatus");
  expect(ours.length).toBeGreaterThan(3);
  for (const { hex } of ours) {
    const bytes = Buffer.from(hex, "hex");
    expect(decodeCarStatus(bytes)).toEqual(byProtoLoader(bytes));
  }
});

test("random bytes are a report or malformed, never anything else, and never hang", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        expect(typeof decodeCarStatus(Buffer.from(bytes)).carId).toBe("string");
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMessage);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a message cut off anywhere in a field is malformed", () => {
  const bytes = requestSerialize({ car_id: "CAR-001", latitude: 1.5, timestamp: 1_800_000_000_000, session_id: "S" });
  const ends = new Set([0, 9, 18, 25, 28]); // behind each field
  for (let length = 0; length <= bytes.length; length++) {
    const read = () => decodeCarStatus(bytes.subarray(0, length));
    if (ends.has(length)) read();
    else expect(read).toThrow(MalformedMessage);
  }
});

test("an acknowledgement has the bytes that proto-loader gives it", () => {
  const id = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(id, fc.integer({ min: 1, max: 8.64e15 }), (car_id, timestamp) => {
      const response = { car_id, message: "Telemetry received", timestamp };
      expect(encodeAck(ackTemplate(car_id), timestamp)).toEqual(responseSerialize(response));
    }),
  );
});
