import type { Telemetry } from "@greenlane/contracts";
import { chargingPowerKw, distanceKm, type Point, pointBetween } from "@greenlane/domain";
import type { Station, Trip } from "./cityData.ts";

export interface CarTraits {
  capacityKwh: number;
  kwhPerKm: number;
}

/** Streets are longer than the crow flies. */
const ROAD_FACTOR = 1.3;
/** A car goes to charge below this, and leaves the station above the other, %. */
const LOW_PERCENT = 20;
const CHARGED_PERCENT = 90;

type Activity =
  | { kind: "driving"; from: Point; to: Point; km: number; doneKm: number; speedKmh: number; then: "trip" | Station }
  | { kind: "charging"; station: Station; sessionId: string; energyKwh: number };

/** The physics of one car: drives trips, drains, charges at the nearest station when low. Deterministic. */
export class SimulatedCar {
  readonly carId: string;
  readonly #traits: CarTraits;
  readonly #stations: Station[];
  readonly #nextTrip: () => Trip;
  readonly #random: () => number;
  #place: Point;
  #chargeKwh: number;
  #odometerKm: number;
  #sessions = 0;
  #activity: Activity;

  constructor(
    carId: string,
    batteryPercent: number,
    traits: CarTraits,
    stations: Station[],
    nextTrip: () => Trip,
    random: () => number,
  ) {
    this.carId = carId;
    this.#traits = traits;
    this.#stations = stations;
    this.#nextTrip = nextTrip;
    this.#random = random;
    this.#chargeKwh = (batteryPercent / 100) * traits.capacityKwh;
    this.#odometerKm = Math.floor(random() * 50_000);
    const trip = nextTrip();
    this.#place = trip.from;
    this.#activity = this.#driveTo(trip.to, "trip");
    if (batteryPercent < LOW_PERCENT) this.#goCharging(true);
  }

  get batteryPercent(): number {
    return Math.min(100, Math.max(0, (this.#chargeKwh / this.#traits.capacityKwh) * 100));
  }

  /** Lets time pass, seconds. `nowMs` names a session that begins. */
  step(seconds: number, nowMs: number): void {
    if (this.#activity.kind === "driving") this.#drive(this.#activity, seconds, nowMs);
    else this.#charge(this.#activity, seconds);
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
      energyKwh: charging?.energyKwh ?? 0,
      odometerKm: this.#odometerKm,
    };
  }

  #driveTo(to: Point, then: "trip" | Station): Activity {
    const km = distanceKm(this.#place, to) * ROAD_FACTOR;
    return { kind: "driving", from: this.#place, to, km, doneKm: 0, speedKmh: 15 + this.#random() * 30, then };
  }

  /** Heads for the nearest station; one that begins its day low stands beside it already. */
  #goCharging(alreadyNear: boolean): void {
    const byDistance = this.#stations.toSorted((a, b) => distanceKm(this.#place, a.at) - distanceKm(this.#place, b.at));
    const [nearest] = byDistance;
    if (nearest === undefined) return;
    if (alreadyNear) this.#place = pointBetween(nearest.at, this.#place, 0.01);
    this.#activity = this.#driveTo(nearest.at, nearest);
  }

  #drive(way: Extract<Activity, { kind: "driving" }>, seconds: number, nowMs: number): void {
    const km = Math.min(way.km - way.doneKm, (way.speedKmh * seconds) / 3600, this.#chargeKwh / this.#traits.kwhPerKm);
    way.doneKm += km;
    this.#odometerKm += km;
    this.#chargeKwh -= km * this.#traits.kwhPerKm;
    this.#place = pointBetween(way.from, way.to, way.km === 0 ? 1 : way.doneKm / way.km);
    if (way.km - way.doneKm > 1e-9) return;
    if (way.then !== "trip") {
      this.#sessions++;
      this.#activity = {
        kind: "charging",
        station: way.then,
        sessionId: `${this.carId}-${nowMs}-${this.#sessions}`,
        energyKwh: 0,
      };
    } else if (this.batteryPercent < LOW_PERCENT) this.#goCharging(false);
    else this.#setOut();
  }

  #setOut(): void {
    this.#activity = this.#driveTo(this.#nextTrip().to, "trip");
  }

  #charge(session: Extract<Activity, { kind: "charging" }>, seconds: number): void {
    const powerKw = chargingPowerKw(this.batteryPercent, session.station.powerKw);
    const kwh = Math.min((powerKw * seconds) / 3600, this.#traits.capacityKwh - this.#chargeKwh);
    session.energyKwh += kwh;
    this.#chargeKwh += kwh;
    if (this.batteryPercent >= CHARGED_PERCENT) this.#setOut();
  }
}
