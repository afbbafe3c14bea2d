import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { BookingStatus, FLEET_PROTO_PATH, loadFleetPackage } from "../src/index.ts";

const fleet = loadFleetPackage();

/** The first contract, which other implementations speak: number, type and name of each field. */
const FIRST_CONTRACT = {
  CarStatus: [
    "1 string car_id",
    "2 double latitude",
    "3 double longitude",
    "4 double battery_level",
    "5 double velocity",
    "6 int64 timestamp",
  ],
  BookingRequest: ["1 string car_id", "2 string station_id", "3 int64 expected_arrival", "4 double battery_level"],
  BookingResponse: [
    "1 string booking_id",
    "2 string car_id",
    "3 string station_id",
    "4 BookingStatus status",
    "5 string message",
    "6 int64 timestamp",
    "7 double price_rate",
  ],
  TelemetryEvent: [
    "1 string car_id",
    "2 double latitude",
    "3 double longitude",
    "4 double battery_level",
    "5 double velocity",
    "6 int64 timestamp",
    "7 string event_type",
  ],
  BookingEvent: [
    "1 string booking_id",
    "2 string car_id",
    "3 string station_id",
    "4 BookingStatus status",
    "5 int64 timestamp",
    "6 double price_rate",
    "7 string event_type",
  ],
};

interface FieldDescriptor {
  name: string;
  number: number;
  label: string;
  type: string;
  typeName: string;
}

function fieldsOf(message: { type: object }): string[] {
  const { field } = message.type as { field: FieldDescriptor[] };
  return field.map(({ name, number, label, type, typeName }) => {
    const kind = typeName === "" ? type.replace("TYPE_", "").toLowerCase() : typeName;
    return `${number} ${label === "LABEL_REPEATED" ? "repeated " : ""}${kind} ${name}`;
  });
}

test.each(Object.entries(FIRST_CONTRACT))("%s has the fields of the first contract where they were", (name, fields) => {
  expect(fieldsOf(fleet[name as keyof typeof FIRST_CONTRACT])).toEqual(expect.arrayContaining(fields));
});

test("what CarStatus tells of charging has numbers from 7 up", () => {
  expect(fieldsOf(fleet.CarStatus).slice(FIRST_CONTRACT.CarStatus.length)).toEqual([
    "7 string charging_station_id",
    "8 string session_id",
    "9 double energy_kwh",
    "10 double odometer_km",
  ]);
});

test("the statuses of a booking have their names and numbers", () => {
  const { value } = fleet.BookingStatus.type as { value: { name: string; number: number }[] };
  expect(Object.fromEntries(value.map(({ name, number }) => [name, number]))).toEqual({
    BOOKING_UNKNOWN: 0,
    BOOKING_CONFIRMED: 1,
    BOOKING_FAILED: 2,
    BOOKING_EXPIRED: 3,
  });
  expect(BookingStatus).toEqual(Object.fromEntries(value.map(({ name, number }) => [name, number])));
});

test("telemetry streams both ways under the name that cars call", () => {
  const { path, requestStream, responseStream } = fleet.FleetService.service.StreamTelemetry;
  expect({ path, requestStream, responseStream }).toEqual({
    path: "/fleet.FleetService/StreamTelemetry",
    requestStream: true,
    responseStream: true,
  });
});

/** Every file below a folder, by its path in there. */
function filesIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file.slice(folder.length), readFileSync(file, "utf8")];
    }),
  );
}

test("the committed TypeScript types are those of the contract as it is (else: make proto)", () => {
  const root = dirname(dirname(FLEET_PROTO_PATH));
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { proto: string } };
  const [generator = "", ...args] = scripts.proto.split(" ");
  const folder = mkdtempSync(join(tmpdir(), "greenlane-proto-"));
  try {
    const elsewhere = args.map((arg) => (arg.startsWith("--outDir=") ? `--outDir=${folder}` : arg));
    execFileSync(join(root, "node_modules", ".bin", generator), elsewhere, { cwd: root, stdio: "pipe" });
    expect(filesIn(folder)).toEqual(filesIn(fileURLToPath(new URL("../src/generated", import.meta.url))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
