import { roadKm } from "@greenlane/domain";
import type { Herd } from "./herd.ts";
import { travelOf } from "./requests.ts";

/** A car's slot; times in min from the asking. */
export interface HerdSlot {
  carId: string;
  stationId: string;
  connectorId: string;
  km: number;
  arriveMin: number;
  startMin: number;
  endMin: number;
  kwh: number;
}

/** The measures that herds are compared by; times from the asking. NaN where no car has a slot. */
export interface HerdMeasures {
  /** That have a slot. */
  cars: number;
  /** Until a car is charged. */
  meanMin: number;
  p95Min: number;
  meanWaitMin: number;
  p95WaitMin: number;
  /** By how much the road is longer than to the car's nearest station, at the most. */
  farthestDetourKm: number;
  /** Of the station with the most cars, by the mean of all stations. */
  loadRatio: number;
  /** Of the energy that all cars ask for, %. */
  energyPercent: number;
}

export function herdMeasures(herd: Herd, slots: readonly HerdSlot[]): HerdMeasures {
  const until = slots.map(({ endMin }) => endMin);
  const waits = slots.map(({ arriveMin, startMin }) => startMin - arriveMin);
  const carsOf = Map.groupBy(slots, ({ stationId }) => stationId);
  const most = Math.max(...[...carsOf.values()].map((own) => own.length));
  const kwhAsked = herd.cars.map(({ batteryPercent, capacityKwh }) => {
    return (Math.max(0, herd.targetPercent - batteryPercent) / 100) * capacityKwh;
  });
  return {
    cars: slots.length,
    meanMin: mean(until),
    p95Min: quantile(until, 0.95),
    meanWaitMin: mean(waits),
    p95WaitMin: quantile(waits, 0.95),
    farthestDetourKm: farthestDetourKm(herd, slots),
    loadRatio: (most * herd.stations.length) / slots.length,
    energyPercent: (100 * sum(slots.map(({ kwh }) => kwh))) / sum(kwhAsked),
  };
}

function farthestDetourKm(herd: Herd, slots: readonly HerdSlot[]): number {
  const kmOf = new Map(slots.map(({ carId, km }) => [carId, km]));
  const detours = herd.cars.flatMap(({ carId, at }) => {
    const km = kmOf.get(carId);
    const nearestKm = Math.min(...herd.stations.map((station) => roadKm(at, station.at, travelOf(herd))));
    return km === undefined ? [] : [km - nearestKm];
  });
  return detours.length === 0 ? Number.NaN : Math.max(...detours);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

/** The least value that so great a share of all does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const rising = values.toSorted((a, b) => a - b);
  return rising[Math.ceil(share * rising.length) - 1] ?? Number.NaN;
}
