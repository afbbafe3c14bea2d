import { HERD, type HerdRecord, type HerdSize, newHerd } from "@greenlane/lab";
import type { Booking, Station } from "@greenlane/timescale";
import type { AskingCar, CommonWish } from "./generatorMessages.ts";

/** So dear that a car goes where it is charged soonest, whatever the grid asks: herds are compared by their times. */
const VALUE_PER_HOUR = 10_000;

/** What the cars of a herd ask alike. A drive costs them time only, so that all is comparable with the lab's herds. */
export const HERD_WISH: CommonWish = {
  capacityKwh: HERD.capacityKwh,
  kwhPerKm: 0,
  targetPercent: HERD.targetPercent,
  maxPowerKw: HERD.powerKw,
  valuePerHour: VALUE_PER_HOUR,
};

/** The herd of a seed, before it has asked; its ids are those of no other seed. */
export function herdOf(size: HerdSize, seed: number): HerdRecord {
  const { cars, stations, ...herd } = newHerd(size, seed);
  const id = (own: string) => `herd-${seed}-${own}`;
  return {
    requested_at_ms: 0,
    road_factor: herd.roadFactor,
    speed_kmh: herd.speedKmh,
    target_percent: herd.targetPercent,
    cars: cars.map(({ carId, at, batteryPercent, capacityKwh }) => ({
      car_id: id(carId),
      lat: at.latitude,
      lon: at.longitude,
      battery_percent: batteryPercent,
      capacity_kwh: capacityKwh,
    })),
    stations: stations.map(({ stationId, at, connectors }) => ({
      station_id: id(stationId),
      lat: at.latitude,
      lon: at.longitude,
      connectors: connectors.map(({ connectorId, powerKw }) => ({ connector_id: id(connectorId), power_kw: powerKw })),
    })),
    bookings: [],
  };
}

/** A herd with what became of it. */
export function withBookings(herd: HerdRecord, requestedAtMs: number, bookings: readonly Booking[]): HerdRecord {
  return {
    ...herd,
    requested_at_ms: Math.round(requestedAtMs),
    bookings: bookings.map(({ carId, stationId, connectorId, startMs, endMs, kwh, pricePerKwh }) => ({
      car_id: carId,
      station_id: stationId,
      connector_id: connectorId,
      start_ms: startMs,
      end_ms: endMs,
      kwh,
      price_per_kwh: pricePerKwh,
    })),
  };
}

export const carsOf = ({ cars }: HerdRecord): AskingCar[] =>
  cars.map(({ car_id, lat, lon, battery_percent }) => ({
    carId: car_id,
    latitude: lat,
    longitude: lon,
    batteryPercent: battery_percent,
  }));

export const stationsOf = ({ stations }: HerdRecord): Station[] =>
  stations.map(({ station_id, lat, lon, connectors }) => ({
    stationId: station_id,
    name: station_id,
    latitude: lat,
    longitude: lon,
    connectors: connectors.map(({ connector_id, power_kw }) => ({
      connectorId: connector_id,
      powerKw: power_kw,
      type: "CCS",
      status: "available",
    })),
  }));
