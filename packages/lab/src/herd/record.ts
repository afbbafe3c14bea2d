import { roadKm } from "@greenlane/domain";
import type { Herd } from "./herd.ts";
import type { HerdSlot } from "./outcome.ts";
import { travelOf } from "./requests.ts";

/** A herd as it is written down, and what it booked; with units, times in Unix ms. */
export interface HerdRecord {
  requested_at_ms: number;
  road_factor: number;
  speed_kmh: number;
  target_percent: number;
  cars: { car_id: string; lat: number; lon: number; battery_percent: number; capacity_kwh: number }[];
  stations: {
    station_id: string;
    lat: number;
    lon: number;
    connectors: { connector_id: string; power_kw: number }[];
  }[];
  bookings: HerdBooking[];
}

export interface HerdBooking {
  car_id: string;
  station_id: string;
  connector_id: string;
  start_ms: number;
  end_ms: number;
  kwh: number;
  price_per_kwh: number;
}

export function herdOf(record: HerdRecord): Herd {
  return {
    cars: record.cars.map(({ car_id, lat, lon, battery_percent, capacity_kwh }) => ({
      carId: car_id,
      at: { latitude: lat, longitude: lon },
      batteryPercent: battery_percent,
      capacityKwh: capacity_kwh,
    })),
    stations: record.stations.map(({ station_id, lat, lon, connectors }) => ({
      stationId: station_id,
      at: { latitude: lat, longitude: lon },
      connectors: connectors.map(({ connector_id, power_kw }) => ({ connectorId: connector_id, powerKw: power_kw })),
    })),
    targetPercent: record.target_percent,
    roadFactor: record.road_factor,
    speedKmh: record.speed_kmh,
  };
}

/** @throws RangeError when a booking is of a car or a station that the record does not have */
export function bookedSlots(record: HerdRecord): HerdSlot[] {
  const herd = herdOf(record);
  const travel = travelOf(herd);
  const cars = new Map(herd.cars.map((car) => [car.carId, car]));
  const stations = new Map(herd.stations.map((station) => [station.stationId, station]));
  const minutes = (atMs: number) => (atMs - record.requested_at_ms) / 60_000;
  return record.bookings.map(({ car_id, station_id, connector_id, start_ms, end_ms, kwh }) => {
    const [car, station] = [cars.get(car_id), stations.get(station_id)];
    if (car === undefined || station === undefined)
      throw new RangeError(`no car ${car_id} or no station ${station_id}`);
    const km = roadKm(car.at, station.at, travel);
    return {
      carId: car_id,
      stationId: station_id,
      connectorId: connector_id,
      km,
      arriveMin: (km / herd.speedKmh) * 60,
      startMin: minutes(start_ms),
      endMin: minutes(end_ms),
      kwh,
    };
  });
}
