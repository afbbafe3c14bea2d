import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ReplayError, readReplay } from "../src/replay.ts";

const HEADER = "car_id,lat,lon,battery,velocity,timestamp";

/** A recording that is removed after the test. */
function recording(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-replay-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "recording.csv");
  writeFileSync(file, content);
  return file;
}
const withRows = (...rows: string[]) => recording([HEADER, ...rows].join("\n"));
const momentsOf = (file: string) => readReplay(file).items.map(({ carId, timestampMs }) => `${carId}@${timestampMs}`);

test("a recording is read in the order of its times, those of one time in the order of the file", () => {
  const file = withRows("B,40,-73,80,10,2000", "A,40,-73,80,10,2000", "A,40,-73,80,10,1000", "C,40,-73,80,10,1500");
  expect(momentsOf(file)).toEqual(["A@1000", "C@1500", "B@2000", "A@2000"]);
});

test("what a car reports of a moment counts once, the first time, and the others are told of", () => {
  const file = withRows("A,40,-73,80,10,1000", "A,41,-73,80,10,1000", "B,40,-73,80,10,1000", "A,40,-73,80,10,1001");
  const { items, dropped } = readReplay(file);
  expect(dropped).toBe(1);
  expect(items.map(({ carId, latitude, timestampMs }) => [carId, latitude, timestampMs])).toEqual([
    ["A", 40, 1000],
    ["B", 40, 1000],
    ["A", 40, 1001],
  ]);
});

test("columns may come in any order, with others among them, in a spreadsheet's dialect", () => {
  const lines = ["timestamp,route,car_id,lon,lat,velocity,battery", "", '1000,7,"A,1",-73.5,40.5,12.5,80.25', ""];
  const file = recording(`\ufeff${lines.join("\r\n")}`);
  expect(readReplay(file).items).toEqual([
    {
      carId: "A,1",
      latitude: 40.5,
      longitude: -73.5,
      batteryPercent: 80.25,
      velocityKmh: 12.5,
      timestampMs: 1000,
      chargingStationId: "",
      sessionId: "",
      energyKwh: 0,
      odometerKm: 0,
    },
  ]);
});

const GOOD = "A,40,-73,80,10,1000";

test.each([
  ["lat", "A,north,-73,80,10,1000"],
  ["lon", "A,40,,80,10,1000"],
  ["battery", "A,40,-73, ,10,1000"],
  ["velocity", "A,40,-73,80,NaN,1000"],
  ["timestamp", "A,40,-73,80,10,2026-06-15T00:00:00Z"],
  ["latitude", "A,90.1,-73,80,10,1000"],
  ["battery_level", "A,40,-73,101,10,1000"],
  ["timestamp", "A,40,-73,80,10,1000.5"],
  ["car_id", ",40,-73,80,10,1000"],
])("a bad %s is told of with file, line and column", (column, row) => {
  const file = withRows(GOOD, "", row);
  expect(() => readReplay(file)).toThrow(ReplayError);
  expect(() => readReplay(file)).toThrow(`${file}:4: ${column} must`);
});

test("a line with too few fields, or an open quote, is told of with its number", () => {
  const short = withRows(GOOD, "A,40,-73");
  expect(() => readReplay(short)).toThrow(ReplayError);
  expect(() => readReplay(short)).toThrow(`${short}:3: `);
  const open = withRows(GOOD, '"A,40,-73,80,10,1000');
  expect(() => readReplay(open)).toThrow(ReplayError);
});

test("a header without a column is told of with the column's name", () => {
  const file = recording(`car_id,lat,lon,battery,timestamp\nA,40,-73,80,1000`);
  expect(() => readReplay(file)).toThrow(`${file}:1: the first line must name ${HEADER}; velocity is missing`);
});

test("a recording without a report, and one that is not there, is told of", () => {
  for (const file of [recording(""), recording(`${HEADER}\n`), "/nowhere/recording.csv"]) {
    expect(() => readReplay(file)).toThrow(ReplayError);
    expect(() => readReplay(file)).toThrow(file);
  }
});
