import type { Point } from "@greenlane/domain";
import { expect, test } from "vitest";
import { readCity, readStations, readTrips, type Trip } from "../src/index.ts";

test("trips that go nowhere or leave the city are left out and counted", () => {
  const { items, dropped } = readTrips();
  expect(items.length + dropped).toBe(19_979);
  expect(dropped).toBeGreaterThan(136);
  expect(items.length).toBeGreaterThan(19_000);
  const inCity = ({ latitude, longitude }: Point) =>
    latitude >= 40.68 && latitude <= 40.89 && longitude >= -74.03 && longitude <= -73.9;
  const goesNowhere = ({ from, to }: Trip) => from.latitude === to.latitude && from.longitude === to.longitude;
  expect(items.filter((trip) => !inCity(trip.from) || !inCity(trip.to) || goesNowhere(trip))).toEqual([]);
});

test("the stations are the 12 sites of 437 that charge fast, each with an id and a name of its own", () => {
  const { items, dropped } = readStations();
  expect({ kept: items.length, dropped }).toEqual({ kept: 12, dropped: 425 });
  expect(new Set(items.map(({ stationId }) => stationId)).size).toBe(12);
  expect(items.filter(({ name }) => name.trim() === "")).toEqual([]);
  for (const at of items) expect(Number.isFinite(at.latitude) && Number.isFinite(at.longitude)).toBe(true);
});

test("a station has a connector for each of its DC ports, counted from 1", () => {
  const { items } = readStations();
  expect(items.reduce((sum, { connectors }) => sum + connectors.length, 0)).toBe(55);
  const mottStreet = items.find(({ stationId }) => stationId === "afdc-102334");
  expect(mottStreet).toMatchObject({
    name: "Mott Street Parking - Tesla Supercharger",
    connectors: [
      { connectorId: "1", powerKw: 50, type: "CCS", status: "available" },
      { connectorId: "2", powerKw: 50, type: "CCS", status: "available" },
    ],
  });
});

test("a city has both", () => {
  const { trips, stations } = readCity();
  expect([trips.length > 0, stations.length > 0]).toEqual([true, true]);
});
