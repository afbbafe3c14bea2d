import { expect, test } from "vitest";
import {
  firstComeFirstServed,
  type Herd,
  type HerdRecord,
  type HerdSlot,
  herdMeasures,
  judgeHerd,
  newHerd,
} from "../../src/index.ts";

const ASKED_MS = Date.UTC(2026, 6, 1, 17);

/** What is written down of a herd that got these slots. */
const recordOf = (herd: Herd, slots: HerdSlot[]): HerdRecord => ({
  requested_at_ms: ASKED_MS,
  road_factor: herd.roadFactor,
  speed_kmh: herd.speedKmh,
  target_percent: herd.targetPercent,
  cars: herd.cars.map(({ carId, at, batteryPercent, capacityKwh }) => ({
    car_id: carId,
    lat: at.latitude,
    lon: at.longitude,
    battery_percent: batteryPercent,
    capacity_kwh: capacityKwh,
  })),
  stations: herd.stations.map(({ stationId, at, connectors }) => ({
    station_id: stationId,
    lat: at.latitude,
    lon: at.longitude,
    connectors: connectors.map(({ connectorId, powerKw }) => ({ connector_id: connectorId, power_kw: powerKw })),
  })),
  bookings: slots.map(({ carId, stationId, connectorId, startMin, endMin, kwh }) => ({
    car_id: carId,
    station_id: stationId,
    connector_id: connectorId,
    start_ms: ASKED_MS + startMin * 60_000,
    end_ms: ASKED_MS + endMin * 60_000,
    kwh,
    price_per_kwh: 0.2,
  })),
});

const herd = newHerd({ cars: 20, stations: 3, connectors: 2 }, 5);
const slots = firstComeFirstServed.charge(herd, 1);

test("bookings that are those of a baseline are judged as it is", () => {
  const { booked, baselines } = judgeHerd(recordOf(herd, slots));
  const baseline = baselines.find(({ policy }) => policy === firstComeFirstServed.name)?.measures;
  expect(booked.energyPercent).toBeCloseTo(100, 9);
  for (const [measure, value] of Object.entries(booked)) {
    expect(value, measure).toBeCloseTo(baseline?.[measure as keyof typeof booked] ?? Number.NaN, 3);
  }
});

test("no baseline is better than the bound", () => {
  const { baselines, boundMin } = judgeHerd(recordOf(herd, slots));
  for (const { measures } of baselines) expect(measures.meanMin).toBeGreaterThanOrEqual(boundMin);
});

test("cars without a booking are not counted as charged", () => {
  const { booked } = judgeHerd(recordOf(herd, slots.slice(0, 5)));
  expect(booked.cars).toBe(5);
  expect(booked.energyPercent).toBeLessThan(50);
});

test("a herd that booked nothing has no times", () => {
  expect(herdMeasures(herd, []).meanMin).toBeNaN();
});

test("a booking of a car that is not of the herd is refused", () => {
  const record = recordOf(herd, slots);
  expect(() => judgeHerd({ ...record, cars: record.cars.slice(1) })).toThrow(RangeError);
});
