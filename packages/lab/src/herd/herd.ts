import { type Point, seededRandom } from "@greenlane/domain";

export interface HerdCar {
  carId: string;
  at: Point;
  /** 0 to 100 */
  batteryPercent: number;
  capacityKwh: number;
}

export interface HerdStation {
  stationId: string;
  at: Point;
  connectors: HerdConnector[];
}

export interface HerdConnector {
  connectorId: string;
  powerKw: number;
}

/** Cars that all ask for energy in the same moment, and the stations around them. */
export interface Herd {
  /** In the order in which they ask, as far as that counts. */
  cars: HerdCar[];
  stations: HerdStation[];
  /** What all want, 0 to 100. */
  targetPercent: number;
  /** Length of the road by length of the straight line. */
  roadFactor: number;
  speedKmh: number;
}

export interface HerdSize {
  cars: number;
  stations: number;
  /** Of each station. */
  connectors: number;
}

/** What the herds of the scenario share. */
export const HERD = {
  centre: { latitude: 40.7549, longitude: -73.984 },
  /** How far from the centre cars are at the most, and stations: each to its nearest, they take about 2.6 × the bound. */
  carsWithinKm: 2.4,
  stationsWithinKm: 5,
  batteryPercent: { min: 8, max: 25 },
  targetPercent: 80,
  capacityKwh: 62,
  powerKw: 50,
  roadFactor: 1.3,
  speedKmh: 30,
};

const KM_PER_DEGREE = 111.195;

/** A herd that a seed determines: cars and stations evenly over a circle, charges evenly over their range. */
export function newHerd({ cars, stations, connectors }: HerdSize, seed: number): Herd {
  const random = seededRandom(seed);
  const place = (withinKm: number): Point => {
    const km = withinKm * Math.sqrt(random());
    const angle = 2 * Math.PI * random();
    const { latitude, longitude } = HERD.centre;
    return {
      latitude: latitude + (km * Math.sin(angle)) / KM_PER_DEGREE,
      longitude: longitude + (km * Math.cos(angle)) / (KM_PER_DEGREE * Math.cos((latitude * Math.PI) / 180)),
    };
  };
  const { batteryPercent, capacityKwh, targetPercent, powerKw, roadFactor, speedKmh } = HERD;
  const { min, max } = batteryPercent;
  return {
    stations: Array.from({ length: stations }, (_, n) => ({
      stationId: `station-${n + 1}`,
      at: place(HERD.stationsWithinKm),
      connectors: Array.from({ length: connectors }, (_, plug) => ({
        connectorId: `station-${n + 1}/${plug + 1}`,
        powerKw,
      })),
    })),
    cars: Array.from({ length: cars }, (_, n) => ({
      carId: `car-${n + 1}`,
      at: place(HERD.carsWithinKm),
      batteryPercent: min + random() * (max - min),
      capacityKwh,
    })),
    targetPercent,
    roadFactor,
    speedKmh,
  };
}
