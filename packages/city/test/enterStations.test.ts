import { silentLogger } from "@greenlane/runtime";
import { startPostgres, type TestServer } from "@greenlane/testkit";
import {
  closeDatabase,
  type Database,
  listStations,
  migrate,
  openDatabase,
  setConnectorStatus,
} from "@greenlane/timescale";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { enterStations } from "../src/enterStations.ts";
import { readStations } from "../src/index.ts";

let postgres: TestServer;
let database: Database;

beforeAll(async () => {
  postgres = await startPostgres();
  await migrate(postgres.url, silentLogger);
  database = openDatabase(postgres.url, silentLogger);
});
beforeEach(async () => {
  await database.query("TRUNCATE stations CASCADE");
});
afterAll(async () => {
  await closeDatabase(database);
  await postgres[Symbol.asyncDispose]();
});

test("a database without stations is given those of the city, as they were read", async () => {
  expect(await enterStations(database)).toBe(
    "stations: took in the 12 of Manhattan that charge fast, with 55 connectors",
  );
  const inOrder = (a: { stationId: string }, b: { stationId: string }) => (a.stationId < b.stationId ? -1 : 1);
  const entered = await listStations(database);
  const read = readStations().items.toSorted(inOrder);
  expect(entered.map(({ connectors, ...station }) => ({ ...station, connectors: connectors.length }))).toEqual(
    read.map(({ connectors, ...station }) => ({ ...station, connectors: connectors.length })),
  );
});

test("what an operator has said of stations outlives the next start", async () => {
  await enterStations(database);
  await database.query("DELETE FROM connectors WHERE station_id <> 'afdc-350559'");
  await database.query("DELETE FROM stations WHERE station_id <> 'afdc-350559'");
  await setConnectorStatus(database, "afdc-350559", "7", "out-of-order");
  expect(await enterStations(database)).toBe("stations: 1 in the database");
  const [station] = await listStations(database);
  expect(station?.connectors.find(({ connectorId }) => connectorId === "7")?.status).toBe("out-of-order");
});
