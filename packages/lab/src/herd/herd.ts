import { type Point, seededRandom, type Travel } from "@greenlane/domain";

export interface HerdCar {
  carId: string;
  at: Point;
  batteryPercent: number;
}

export interface HerdStation {
  stationId: string;
  at: Point;
  connectors: number;
}

/** Cars that all ask for energy in the same moment, and the stations around them. */
export interface Herd {
  /** In the order in which they ask, as far as that counts. */
  cars: HerdCar[];
  stations: HerdStation[];
}

export interface HerdSize {
  cars: number;
  stations: number;
  /** Of each station. */
  connectors: number;
}

/** What all herds share. The drive to a station costs time only, as the charge asked for does not depend on it. */
export const HERD = {
  centre: { latitude: 40.7549, longitude: -73.984 },
  /** How far from the centre cars are at the most, and stations. */
  carsWithinKm: Number(process.env.RC ?? 2.5),
  stationsWithinKm: 5,
  batteryPercent: { min: 8, max: 25 },
  targetPercent: 80,
  capacityKwh: 62,
  kwhPerKm: 0,
  powerKw: 50,
  travel: { roadFactor: 1.3, speedKmh: 30, reservePercent: 0 } satisfies Travel,
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
  const { min, max } = HERD.batteryPercent;
  return {
    stations: Array.from({ length: stations }, (_, n) => ({ stationId: `station-${n + 1}`, at: place(HERD.stationsWithinKm), connectors })),
    cars: Array.from({ length: cars }, (_, n) => ({
      carId: `car-${n + 1}`,
      at: place(HERD.carsWithinKm),
      batteryPercent: min + random() * (max - min),
    })),
  };
}
