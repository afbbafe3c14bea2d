import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeCarStatus,
  decodeTelemetryBatch,
  encodeAckedSequence,
  encodeTelemetryBatch,
  loadFleetPackage,
  MAX_BATCH_REPORTS,
  MalformedMessage,
  type Telemetry,
} from "../src/index.ts";

const { FleetService } = loadFleetPackage();
const { requestSerialize, requestDeserialize } = FleetService.service.StreamFleet;
const { requestSerialize: serializeCarStatus } = FleetService.service.StreamTelemetry;

const text = fc.string({ unit: "grapheme", maxLength: 200 });
const double = fc.double({ noDefaultInfinity: true, noNaN: true });
const report: fc.Arbitrary<Telemetry> = fc.record({
  ...{ carId: text, latitude: double, longitude: double, batteryPercent: double, velocityKmh: double },
  ...{ timestampMs: fc.maxSafeNat(), chargingStationId: text, sessionId: text, energyKwh: double, odometerKm: double },
});
const reports = fc.array(report, { maxLength: 20 });
const sequence = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

function asCarStatus(t: Telemetry) {
  return {
    ...{ car_id: t.carId, latitude: t.latitude, longitude: t.longitude, battery_level: t.batteryPercent },
    ...{ velocity: t.velocityKmh, timestamp: t.timestampMs, charging_station_id: t.chargingStationId },
    ...{ session_id: t.sessionId, energy_kwh: t.energyKwh, odometer_km: t.odometerKm },
  };
}

test("a batch of proto-loader's is read as it was meant", () => {
  fc.assert(
    fc.property(sequence, reports, (firstSequence, given) => {
      const bytes = requestSerialize({ first_sequence: firstSequence, reports: given.map(asCarStatus) });
      expect(decodeTelemetryBatch(bytes)).toEqual({ firstSequence, reports: given });
    }),
  );
});

test("proto-loader reads a batch as it was written", () => {
  fc.assert(
    fc.property(sequence, reports, (firstSequence, given) => {
      const { bytes, count } = encodeTelemetryBatch(firstSequence, given, 0, 1e6);
      expect(count).toBe(given.length);
      expect(requestDeserialize(bytes)).toEqual({ first_sequence: firstSequence, reports: given.map(asCarStatus) });
    }),
  );
});

test("reports of another implementation, also those with fields to come, are read in a batch as they are alone", () => {
  const { messages } = JSON.parse(readFileSync(new URL("./golden/messages.json", import.meta.url), "utf8")) as {
    messages: { type: string; hex: string }[];
  };
  const alone = messages.filter(({ type }) => type === "CarStatus").map(({ hex }) => Buffer.from(hex, "hex"));
  const inBatch = alone.map((bytes) => {
    const tagAndLength = bytes.length < 128 ? [18, bytes.length] : [18, (bytes.length & 127) | 128, bytes.length >>> 7];
    return Buffer.concat([Buffer.from(tagAndLength), bytes]);
  });
  expect(decodeTelemetryBatch(Buffer.concat(inBatch)).reports).toEqual(alone.map(decodeCarStatus));
});

test("a batch takes what fits into a message, and one report at least", () => {
  fc.assert(
    fc.property(fc.array(report, { minLength: 1, maxLength: 20 }), fc.nat({ max: 2_000 }), (given, maxBytes) => {
      let from = 0;
      while (from < given.length) {
        const { bytes, count } = encodeTelemetryBatch(from + 1, given, from, maxBytes);
        if (count > 1) expect(bytes.length).toBeLessThanOrEqual(maxBytes);
        const more = encodeTelemetryBatch(from + 1, given.slice(0, from + count + 1), from, 1e6);
        if (more.count > count) expect(more.bytes.length).toBeGreaterThan(maxBytes);
        expect(decodeTelemetryBatch(bytes)).toEqual({
          firstSequence: from + 1,
          reports: given.slice(from, from + count),
        });
        from += count;
      }
    }),
  );
});

test("a batch is written with as many reports as it may hold, and read with one more at the most", () => {
  const blank = decodeCarStatus(Buffer.alloc(0));
  expect(encodeTelemetryBatch(1, Array(MAX_BATCH_REPORTS + 5).fill(blank), 0, 1e6).count).toBe(MAX_BATCH_REPORTS);
  const many = requestSerialize({ first_sequence: 1, reports: Array(5 * MAX_BATCH_REPORTS).fill({}) });
  expect(decodeTelemetryBatch(many).reports).toHaveLength(MAX_BATCH_REPORTS + 1);
});

test("an acknowledgement has the bytes that proto-loader gives it", () => {
  const { responseSerialize } = FleetService.service.StreamFleet;
  fc.assert(
    fc.property(sequence, (acked_sequence) => {
      expect(encodeAckedSequence(acked_sequence)).toEqual(responseSerialize({ acked_sequence }));
    }),
  );
});

test("a report that goes beyond its own end, or its batch's, is malformed", () => {
  const status = serializeCarStatus({ car_id: "CAR-001", latitude: 1.5, timestamp: 1_800_000_000_000 });
  const beyondItself = Buffer.concat([Buffer.from([18, status.length - 1]), status]);
  const beyondBatch = Buffer.concat([Buffer.from([18, status.length + 1]), status]);
  for (const bytes of [beyondItself, beyondBatch]) expect(() => decodeTelemetryBatch(bytes)).toThrow(MalformedMessage);
});

test("random bytes are a batch or malformed, never anything else, and never hang", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        expect(decodeTelemetryBatch(Buffer.from(bytes)).reports).toBeInstanceOf(Array);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMessage);
      }
    }),
    { numRuns: 2_000 },
  );
});
