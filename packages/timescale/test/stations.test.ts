import { silentLogger } from "@greenlane/runtime";
import { startPostgres, type TestServer } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  closeDatabase,
  type Database,
  listStations,
  migrate,
  openDatabase,
  type Station,
  setConnectorStatus,
  upsertStations,
} from "../src/index.ts";

let server: TestServer;
let database: Database;
beforeAll(async () => {
  server = await startPostgres();
  await migrate(server.url, silentLogger);
  database = openDatabase(server.url, silentLogger);
});
afterAll(async () => {
  await closeDatabase(database);
  await server[Symbol.asyncDispose]();
});

function station(stationId: string, connectorIds: string[], change: Partial<Station> = {}, powerKw = 50): Station {
  const connectors = connectorIds.map((connectorId) => ({ connectorId, powerKw, type: "CCS" }));
  return {
    stationId,
    name: `Station ${stationId}`,
    latitude: 40.7,
    longitude: -74,
    connectors: connectors.map((connector) => ({ ...connector, status: "available" })),
    ...change,
  };
}

test("stations are kept with their connectors; what an operator said of one outlasts the next taking in", async () => {
  await upsertStations(database, [station("B", ["2", "1"]), station("A", [])]);
  expect(await listStations(database)).toEqual([station("A", []), station("B", ["1", "2"])]);

  expect(await setConnectorStatus(database, "B", "2", "out-of-order")).toBe(1);
  expect(await setConnectorStatus(database, "B", "2", "out-of-order")).toBe(1);
  expect(await setConnectorStatus(database, "B", "3", "out-of-order")).toBe(0);
  await upsertStations(database, [station("B", ["1", "2", "3"], { name: "renamed" }, 75), station("C", ["1"])]);
  const found = await listStations(database);
  expect(found.map(({ stationId, name }) => [stationId, name])).toEqual([
    ["A", "Station A"],
    ["B", "renamed"],
    ["C", "Station C"],
  ]);
  expect(found[1]?.connectors.map(({ powerKw }) => powerKw)).toEqual([75, 75, 75]);
  const statuses = async () => (await listStations(database))[1]?.connectors.map(({ status }) => status);
  expect(await statuses()).toEqual(["available", "out-of-order", "available"]);

  expect(await setConnectorStatus(database, "B", undefined, "out-of-order")).toBe(3);
  expect(await statuses()).toEqual(["out-of-order", "out-of-order", "out-of-order"]);
});
