import type { Telemetry } from "@greenlane/contracts";
import { Chalk } from "chalk";
import { expect, test } from "vitest";
import { liveLine } from "../src/format/liveLine.ts";

const plain = new Chalk({ level: 0 });
const at = (carId: string, batteryPercent: number, velocityKmh: number): Telemetry => ({
  ...{
    carId,
    batteryPercent,
    velocityKmh,
    latitude: 40.7234,
    longitude: -73.9876,
    timestampMs: new Date(2026, 5, 1, 20, 15, 32).getTime(),
  },
  ...{ chargingStationId: "", sessionId: "", energyKwh: 0, odometerKm: 0 },
});

test("each event is a line that an operator reads at a glance", () => {
  expect(
    [
      at("CAR-001", 85.3, 45.2),
      at("CAR-002", 50, 30),
      at("CAR-004", 49.9, 30),
      at("CAR-005", 19.9, 9),
      at("CAR-003", 12.1, 8.3),
    ].map((t) => liveLine(t, plain)),
  ).toEqual([
    "[20:15:32] 🟢 CAR-001    | Battery:  85.3% | Location: (40.7234, -73.9876) | Speed: 45.2 km/h",
    "[20:15:32] 🟢 CAR-002    | Battery:  50.0% | Location: (40.7234, -73.9876) | Speed: 30.0 km/h",
    "[20:15:32] 🟡 CAR-004    | Battery:  49.9% | Location: (40.7234, -73.9876) | Speed: 30.0 km/h",
    "[20:15:32] 🔴 CAR-005    | Battery:  19.9% | Location: (40.7234, -73.9876) | Speed:  9.0 km/h",
    "[20:15:32] 🔴 CAR-003    | Battery:  12.1% | Location: (40.7234, -73.9876) | Speed:  8.3 km/h ⚠️  CRITICAL BATTERY!",
  ]);
});

test("a control character in an id never reaches the terminal", () => {
  expect(liveLine(at("CAR\u001b[2J", 50, 1), plain)).toContain("CAR\\u001b[2J");
});
