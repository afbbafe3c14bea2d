import type { City, Station, Trip } from "@greenlane/city";
import type { Telemetry } from "@greenlane/contracts";
import { distanceKm, type Point, percentAfterCharging, pointBetween, secondsToCharge } from "@greenlane/domain";

export interface CarTraits {
  capacityKwh: number;
  kwhPerKm: number;
}

/** Streets are longer than the crow flies. */
const ROAD_FACTOR = 1.3;
/** A car goes to charge below this, and leaves the station at the other, %. */
const LOW_PERCENT = 20;
const CHARGED_PERCENT = 90;
/** What must be left when a trip is over and a station reached; a car that would have less charges first, %. */
const RESERVE_PERCENT = 5;
/** Of so many trips on offer a car takes the one that begins nearest. */
const TRIPS_ON_OFFER = 5;
/** How far from its station a car stands that begins its day low, km. */
const BESIDE_STATION_KM = 0.01;
/** A car that ran empty waits so long until it is towed to the nearest station, seconds. */
const TOW_AFTER_S = 1_800;

type Purpose = { kind: "pick up"; trip: Trip } | { kind: "drop off" } | { kind: "charge"; station: Station };

type Activity =
  | { kind: "driving"; from: Point; to: Point; km: number; doneKm: number; speedKmh: number; purpose: Purpose }
  | { kind: "charging"; station: Station; sessionId: string; fromKwh: number; over: boolean }
  | { kind: "stranded"; waitedS: number };

type Driving = Extract<Activity, { kind: "driving" }>;
type Charging = Extract<Activity, { kind: "charging" }>;
type Stranded = Extract<Activity, { kind: "stranded" }>;

/**
 * The physics of one car: drives empty to where somebody waits, takes them where they want to go, drains by the
 * distance, charges at the nearest station when low. What it does is determined by its random numbers and by the time
 * that passes, not by how that time is cut into steps, except that it stays plugged in until a report has told the
 * last meter reading of its session: each `step` is to be followed by a `report`.
 */
export class SimulatedCar {
  readonly carId: string;
  readonly #traits: CarTraits;
  readonly #city: City;
  readonly #random: () => number;
  #place: Point;
  #chargeKwh: number;
  #odometerKm: number;
  #sessions = 0;
  #activity: Activity;

  /** @param random numbers in [0, 1), of this car alone */
  constructor(carId: string, batteryPercent: number, traits: CarTraits, city: City, random: () => number) {
    this.carId = carId;
    this.#traits = traits;
    this.#city = city;
    this.#random = random;
    this.#chargeKwh = this.#kwhAt(batteryPercent);
    this.#odometerKm = Math.floor(random() * 50_000);
    this.#place = this.#anyTrip().from;
    if (batteryPercent < LOW_PERCENT) {
      const station = this.#nearestStation(this.#place);
      this.#place = pointBetween(
        station,
        this.#place,
        Math.min(1, BESIDE_STATION_KM / distanceKm(station, this.#place)),
      );
    }
    this.#activity = this.#nextDrive();
  }

  get batteryPercent(): number {
    return Math.min(100, Math.max(0, (this.#chargeKwh / this.#traits.capacityKwh) * 100));
  }

  /** Lets time pass, seconds. `nowMs` names a session that begins. */
  step(seconds: number, nowMs: number): void {
    if (this.#activity.kind === "charging" && this.#activity.over) this.#activity = this.#pickUp(this.#nearTrip());
    let leftS = seconds;
    // Ends: a drive without length leads to one with, and all else takes time.
    while (leftS > 0) {
      const activity = this.#activity;
      if (activity.kind === "driving") leftS = this.#driveOn(activity, leftS, nowMs);
      else if (activity.kind === "charging") leftS = this.#chargeOn(activity, leftS);
      else leftS = this.#waitForTow(activity, leftS, nowMs);
    }
  }

  /** The car as it would report itself. */
  report(timestampMs: number): Telemetry {
    const charging = this.#activity.kind === "charging" ? this.#activity : undefined;
    return {
      carId: this.carId,
      latitude: this.#place.latitude,
      longitude: this.#place.longitude,
      batteryPercent: this.batteryPercent,
      velocityKmh: this.#activity.kind === "driving" ? this.#activity.speedKmh : 0,
      timestampMs,
      chargingStationId: charging?.station.stationId ?? "",
      sessionId: charging?.sessionId ?? "",
      energyKwh: charging === undefined ? 0 : this.#chargeKwh - charging.fromKwh,
      odometerKm: this.#odometerKm,
    };
  }

  /** Drives for at most so long. @returns what is left of the time, seconds */
  #driveOn(way: Driving, seconds: number, nowMs: number): number {
    const toGoKm = way.km - way.doneKm;
    const rangeKm = this.#chargeKwh / this.#traits.kwhPerKm;
    const km = Math.min(toGoKm, rangeKm, (way.speedKmh * seconds) / 3600);
    way.doneKm += km;
    this.#odometerKm += km;
    this.#chargeKwh = Math.max(0, this.#chargeKwh - km * this.#traits.kwhPerKm);
    const arrived = km === toGoKm;
    this.#place = arrived ? way.to : pointBetween(way.from, way.to, way.doneKm / way.km);
    if (arrived) this.#activity = this.#arrive(way.purpose, nowMs);
    else if (km === rangeKm) this.#activity = { kind: "stranded", waitedS: 0 };
    else return 0;
    return Math.max(0, seconds - (km / way.speedKmh) * 3600);
  }

  #arrive(purpose: Purpose, nowMs: number): Activity {
    if (purpose.kind === "pick up") return this.#drive(purpose.trip.to, { kind: "drop off" });
    return purpose.kind === "charge" ? this.#plugIn(purpose.station, nowMs) : this.#nextDrive();
  }

  #plugIn(station: Station, nowMs: number): Activity {
    this.#sessions++;
    const sessionId = `${this.carId}-${nowMs}-${this.#sessions}`;
    return { kind: "charging", station, sessionId, fromKwh: this.#chargeKwh, over: false };
  }

  /** Charges for at most so long; a session that is over takes the rest of the time, so that its end is reported. */
  #chargeOn(session: Charging, seconds: number): number {
    const charger = { capacityKwh: this.#traits.capacityKwh, maxPowerKw: powerKwOf(session.station) };
    session.over = seconds >= secondsToCharge(this.batteryPercent, CHARGED_PERCENT, charger);
    const percent = session.over ? CHARGED_PERCENT : percentAfterCharging(this.batteryPercent, seconds, charger);
    this.#chargeKwh = Math.max(this.#chargeKwh, this.#kwhAt(percent));
    return 0;
  }

  #waitForTow(stranded: Stranded, seconds: number, nowMs: number): number {
    const waitS = Math.min(seconds, TOW_AFTER_S - stranded.waitedS);
    stranded.waitedS += waitS;
    if (stranded.waitedS >= TOW_AFTER_S) {
      const station = this.#nearestStation(this.#place);
      this.#place = station;
      this.#activity = this.#plugIn(station, nowMs);
    }
    return seconds - waitS;
  }

  /** To the next trip; or, when low or when that trip would leave less than the reserve, to a station. */
  #nextDrive(): Activity {
    const trip = this.#nearTrip();
    if (this.batteryPercent >= LOW_PERCENT && this.#canMake(trip)) return this.#pickUp(trip);
    const station = this.#nearestStation(this.#place);
    return this.#drive(station, { kind: "charge", station });
  }

  #nearTrip(): Trip {
    const offers = Array.from({ length: TRIPS_ON_OFFER }, () => this.#anyTrip());
    return nearest(this.#place, offers, ({ from }) => from);
  }

  #pickUp(trip: Trip): Activity {
    return this.#drive(trip.from, { kind: "pick up", trip });
  }

  #canMake({ from, to }: Trip): boolean {
    const toStation = distanceKm(to, this.#nearestStation(to));
    const km = (distanceKm(this.#place, from) + distanceKm(from, to) + toStation) * ROAD_FACTOR;
    return this.#chargeKwh - km * this.#traits.kwhPerKm >= this.#kwhAt(RESERVE_PERCENT);
  }

  #drive(to: Point, purpose: Purpose): Activity {
    const km = distanceKm(this.#place, to) * ROAD_FACTOR;
    return { kind: "driving", from: this.#place, to, km, doneKm: 0, speedKmh: 15 + this.#random() * 30, purpose };
  }

  #anyTrip(): Trip {
    const trip = this.#city.trips[Math.floor(this.#random() * this.#city.trips.length)];
    if (trip === undefined) throw new Error("the city has no trips");
    return trip;
  }

  #nearestStation(place: Point): Station {
    return nearest(place, this.#city.stations, (station) => station);
  }

  #kwhAt(percent: number): number {
    return (percent / 100) * this.#traits.capacityKwh;
  }
}

/** Of its strongest connector. */
const powerKwOf = ({ connectors }: Station): number => Math.max(...connectors.map(({ powerKw }) => powerKw));

/** The nearest of at least one. */
function nearest<Item extends object>(place: Point, items: Item[], at: (item: Item) => Point): Item {
  const [first, ...others] = items;
  if (first === undefined) throw new Error("there is nothing to choose from");
  let best = { item: first, km: distanceKm(place, at(first)) };
  for (const item of others) {
    const km = distanceKm(place, at(item));
    if (km < best.km) best = { item, km };
  }
  return best.item;
}
