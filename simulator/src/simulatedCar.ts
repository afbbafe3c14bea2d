import type { City, Station, Trip } from "@greenlane/city";
import type { EngineMessage__Output, Telemetry } from "@greenlane/contracts";
import { distanceKm, type Point, percentAfterCharging, pointBetween, secondsToCharge } from "@greenlane/domain";
import type { Bargainer, CarWords, HeldBooking } from "./bargainer.ts";

export interface CarTraits {
  capacityKwh: number;
  kwhPerKm: number;
  /** How many times as fast as the clock the car drives and charges. Slots are by the clock. */
  speedUp: number;
}

/** Streets are longer than the crow flies. */
const ROAD_FACTOR = 1.3;
/** Cars drive at a speed from this to so much more, km/h; to a slot they make haste. */
const SPEED_KMH = { from: 15, span: 30 };
const HASTE_KMH = { from: 30, span: 15 };
/** A car goes to charge below this, and leaves the station at the other, %. */
const LOW_PERCENT = 20;
const CHARGED_PERCENT = 90;
/** Below this a car would come if it were called, the more gladly the nearer it is to being low, %. */
const SOON_LOW_PERCENT = 40;
/** A car that was sold less than it lacks is content with it until it has used so much, %. */
const CONTENT_PERCENT = 0.5;
/** What must be left when a trip is over and a station reached; a car that would have less charges first, %. */
const RESERVE_PERCENT = 5;
/** Of so many trips on offer a car takes the one that begins nearest. */
const TRIPS_ON_OFFER = 5;
/** How far from its station a car stands that begins its day low, km. */
const BESIDE_STATION_KM = 0.01;
/** A car that ran empty waits so long until it is towed to the nearest station, seconds. */
const TOW_AFTER_S = 1_800;
/** A car that asked waits for the answer before it goes on with what it has left, ms. */
const ANSWER_MS = 5_000;
/** One that can go on no more charges without a booking when it got none for so long, ms. */
const PATIENCE_MS = 60_000;

/** A station as its car sees it. */
interface Charging extends Point {
  stationId: string;
  powerKw: number;
}

type Purpose =
  | { kind: "pick up"; trip: Trip }
  | { kind: "drop off" }
  | { kind: "charge"; station: Station }
  | { kind: "keep its slot" };

interface Driving {
  kind: "driving";
  from: Point;
  to: Point;
  km: number;
  doneKm: number;
  speedKmh: number;
  purpose: Purpose;
}

interface Session {
  kind: "charging";
  at: Charging;
  sessionId: string;
  fromKwh: number;
  /** What it charges to, %, and until when at the most, Unix ms. */
  targetPercent: number;
  untilMs: number;
  over: boolean;
}

type Activity =
  /** About to choose. */
  | { kind: "idle" }
  | Driving
  /** Low: waits for an answer; `trip` is what it would do otherwise. */
  | { kind: "standing"; trip: Trip; sinceMs: number }
  /** Parked until it is time to set out for its slot; there, until the slot begins. */
  | { kind: "parked"; untilMs: number; next: Driving | "plug in" }
  | Session
  | { kind: "stranded"; waitedS: number }
  | { kind: "retired" };

type Kind<K extends Activity["kind"]> = Extract<Activity, { kind: K }>;

/**
 * One car: drives empty to where somebody waits, takes them where they want to go, drains by the distance, and when low
 * has its bargainer ask for a slot, comes to it in time, plugs in under the booking's id and leaves with what it booked.
 * Without a bargainer, or when that has got nothing for long and the battery does not last for another trip, it charges
 * at the nearest station.
 *
 * What it does is determined by its random numbers, by what the engine says, and by the time that passes, not by how
 * that time is cut into steps, except that it stays plugged in until a report has told the last meter reading of its
 * session: each `step` is to be followed by a `report`.
 */
export class SimulatedCar {
  readonly carId: string;
  readonly #traits: CarTraits;
  readonly #city: City;
  readonly #random: () => number;
  readonly #bargainer: Bargainer | undefined;
  #place: Point;
  #chargeKwh: number;
  #odometerKm: number;
  #sessions = 0;
  /** With more than this it does not ask for energy, %. */
  #contentPercent = 100;
  #activity: Activity = { kind: "idle" };

  /** @param random numbers in [0, 1), of this car alone */
  constructor(
    carId: string,
    batteryPercent: number,
    traits: CarTraits,
    city: City,
    random: () => number,
    bargainer?: Bargainer,
  ) {
    this.carId = carId;
    this.#traits = traits;
    this.#city = city;
    this.#random = random;
    this.#bargainer = bargainer;
    this.#chargeKwh = this.#kwhAt(batteryPercent);
    this.#odometerKm = Math.floor(random() * 50_000);
    this.#place = this.#anyTrip().from;
    if (batteryPercent < LOW_PERCENT) {
      const station = this.#nearestStation(this.#place);
      const share = Math.min(1, BESIDE_STATION_KM / distanceKm(station, this.#place));
      this.#place = pointBetween(station, this.#place, share);
    }
  }

  get batteryPercent(): number {
    return Math.min(100, Math.max(0, (this.#chargeKwh / this.#traits.capacityKwh) * 100));
  }

  /** Lets time pass, seconds of the car's life, up to now. */
  step(seconds: number, nowMs: number): void {
    if (this.#activity.kind === "charging" && this.#activity.over) this.#leave(this.#activity);
    let leftS = seconds;
    // Ends: a drive without length leads to one with, or to what takes time, as all else does.
    while (leftS > 0) leftS = this.#goOn(leftS, nowMs);
    this.#bargainer?.present(this.#mayBeCalled());
  }

  /** Hears from the engine. */
  hear(message: EngineMessage__Output, nowMs: number): void {
    const bargainer = this.#bargainer;
    if (bargainer === undefined) return;
    const before = bargainer.booking;
    bargainer.hear(message, this.#circumstances(nowMs), nowMs);
    const { booking } = bargainer;
    const activity = this.#activity;
    if (booking === before) return;
    if (activity.kind === "charging") {
      if (booking?.bookingId !== before?.bookingId && activity.sessionId === before?.bookingId) activity.over = true;
      return;
    }
    const isOnItsWay = activity.kind === "driving" && isToCharge(activity.purpose);
    if (!isOnItsWay && activity.kind !== "standing" && activity.kind !== "parked") return;
    this.#activity = booking === undefined ? { kind: "idle" } : this.#setOut(booking, nowMs);
  }

  /** What it has to say to the engine, once. */
  takeWords(): CarWords[] {
    return this.#bargainer?.takeWords() ?? [];
  }

  /** What it has to say first on another stream to the engine. */
  repeat(): CarWords[] {
    return this.#bargainer?.repeat() ?? [];
  }

  /** The slot that it has. */
  get booking(): HeldBooking | undefined {
    return this.#bargainer?.booking;
  }

  /** Whether an answer of the engine is to come soon. */
  get expectsAnswer(): boolean {
    return this.#bargainer?.expectsAnswer ?? false;
  }

  /** Ends its service: unplugs, and gives back what it has booked. @returns whether there is a last report to make */
  retire(): boolean {
    const activity = this.#activity;
    if (activity.kind === "charging") this.#bargainer?.charged(activity.sessionId);
    this.#bargainer?.retire();
    this.#activity = { kind: "retired" };
    return activity.kind === "charging";
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
      chargingStationId: charging?.at.stationId ?? "",
      sessionId: charging?.sessionId ?? "",
      energyKwh: charging === undefined ? 0 : this.#chargeKwh - charging.fromKwh,
      odometerKm: this.#odometerKm,
    };
  }

  /** Does what it is about for at most so long. @returns what is left of the time, seconds */
  #goOn(leftS: number, nowMs: number): number {
    const activity = this.#activity;
    const momentMs = nowMs - this.#clockMs(leftS);
    switch (activity.kind) {
      case "idle":
        this.#activity = this.#next(momentMs);
        return leftS;
      case "driving":
        return this.#driveOn(activity, leftS, nowMs);
      case "standing":
        return this.#standOn(activity, leftS, momentMs);
      case "parked":
        return this.#parkOn(activity, leftS, nowMs);
      case "charging":
        return this.#chargeOn(activity, leftS, momentMs);
      case "stranded":
        return this.#waitForTow(activity, leftS, momentMs);
      case "retired":
        return 0;
    }
  }

  /** So much of the car's life takes so long by the clock, ms. */
  #clockMs(seconds: number): number {
    return (seconds * 1000) / this.#traits.speedUp;
  }

  #driveOn(way: Driving, seconds: number, nowMs: number): number {
    const toGoKm = way.km - way.doneKm;
    const rangeKm = this.#chargeKwh / this.#traits.kwhPerKm;
    const km = Math.min(toGoKm, rangeKm, (way.speedKmh * seconds) / 3600);
    way.doneKm += km;
    this.#odometerKm += km;
    this.#chargeKwh = Math.max(0, this.#chargeKwh - km * this.#traits.kwhPerKm);
    const arrived = km === toGoKm;
    this.#place = arrived ? way.to : pointBetween(way.from, way.to, way.doneKm / way.km);
    const leftS = Math.max(0, seconds - (km / way.speedKmh) * 3600);
    if (arrived) this.#activity = this.#arrive(way.purpose, nowMs - this.#clockMs(leftS));
    else if (km === rangeKm) this.#activity = { kind: "stranded", waitedS: 0 };
    else return 0;
    return leftS;
  }

  #arrive(purpose: Purpose, nowMs: number): Activity {
    switch (purpose.kind) {
      case "pick up":
        return this.#drive(purpose.trip.to, { kind: "drop off" });
      case "drop off":
        return { kind: "idle" };
      case "charge":
        return this.#walkIn(purpose.station, nowMs);
      case "keep its slot":
        return { kind: "parked", untilMs: this.#bargainer?.booking?.startMs ?? nowMs, next: "plug in" };
    }
  }

  #standOn({ trip, sinceMs }: Kind<"standing">, leftS: number, nowMs: number): number {
    const bargainer = this.#bargainer;
    bargainer?.want(this.#circumstances(nowMs), nowMs);
    const isAnswered = bargainer?.expectsAnswer !== true || nowMs - sinceMs > ANSWER_MS;
    if (isAnswered && this.#canMake(trip)) this.#activity = this.#pickUp(trip);
    else if (bargainer === undefined || bargainer.unservedMs(nowMs) > PATIENCE_MS) {
      bargainer?.goesWithout();
      this.#activity = this.#toNearestStation();
    } else return 0;
    return leftS;
  }

  #parkOn({ untilMs, next }: Kind<"parked">, seconds: number, nowMs: number): number {
    if (nowMs < untilMs) return 0;
    const leftS = Math.min(seconds, ((nowMs - untilMs) / 1000) * this.#traits.speedUp);
    const booking = this.#bargainer?.booking;
    if (next !== "plug in") this.#activity = next;
    else if (booking !== undefined && nowMs - this.#clockMs(leftS) < booking.endMs)
      this.#activity = this.#keepSlot(booking);
    else {
      this.#bargainer?.giveUp("the car came too late");
      this.#activity = { kind: "idle" };
    }
    return leftS;
  }

  #keepSlot({ bookingId, stationId, latitude, longitude, startMs, endMs, kwh }: HeldBooking): Session {
    // Up to where our cars charge, a battery takes even power.
    const powerKw = kwh / ((endMs - startMs) / 3_600_000);
    return {
      kind: "charging",
      at: { stationId, latitude, longitude, powerKw },
      sessionId: bookingId,
      fromKwh: this.#chargeKwh,
      targetPercent: Math.min(100, this.batteryPercent + (kwh / this.#traits.capacityKwh) * 100),
      untilMs: endMs,
      over: false,
    };
  }

  #walkIn({ stationId, latitude, longitude, connectors }: Station, nowMs: number): Session {
    this.#sessions++;
    const powerKw = Math.max(...connectors.map((connector) => connector.powerKw));
    return {
      kind: "charging",
      at: { stationId, latitude, longitude, powerKw },
      sessionId: `${this.carId}-${Math.floor(nowMs)}-${this.#sessions}`,
      fromKwh: this.#chargeKwh,
      targetPercent: CHARGED_PERCENT,
      untilMs: Number.POSITIVE_INFINITY,
      over: false,
    };
  }

  /** Charges for at most so long; a session that is over takes the rest of the time, so that its end is reported. */
  #chargeOn(session: Session, seconds: number, nowMs: number): number {
    const charger = { capacityKwh: this.#traits.capacityKwh, maxPowerKw: session.at.powerKw };
    const fullS = secondsToCharge(this.batteryPercent, session.targetPercent, charger);
    const endS = Math.max(0, ((session.untilMs - nowMs) / 1000) * this.#traits.speedUp);
    session.over = seconds >= Math.min(fullS, endS);
    const isFull = fullS <= Math.min(seconds, endS);
    const percent = isFull
      ? session.targetPercent
      : percentAfterCharging(this.batteryPercent, Math.min(seconds, endS), charger);
    this.#chargeKwh = Math.max(this.#chargeKwh, this.#kwhAt(percent));
    return 0;
  }

  /** Away from the station: content with what it got, if that lasts for a trip. */
  #leave({ sessionId, untilMs }: Session): void {
    this.#bargainer?.charged(sessionId);
    this.#contentPercent = this.batteryPercent - CONTENT_PERCENT;
    this.#activity = Number.isFinite(untilMs) ? { kind: "idle" } : this.#pickUp(this.#nearTrip());
  }

  #waitForTow(stranded: Kind<"stranded">, seconds: number, nowMs: number): number {
    const waitS = Math.min(seconds, TOW_AFTER_S - stranded.waitedS);
    stranded.waitedS += waitS;
    if (stranded.waitedS >= TOW_AFTER_S) {
      const station = this.#nearestStation(this.#place);
      this.#place = station;
      this.#bargainer?.giveUp("the car was towed");
      this.#activity = this.#walkIn(station, nowMs + this.#clockMs(waitS));
    }
    return seconds - waitS;
  }

  /** To its slot, if it has one; to the next trip; or, when low or when that trip would leave less than the reserve, to energy. */
  #next(nowMs: number): Activity {
    const booking = this.#bargainer?.booking;
    if (booking !== undefined) return this.#setOut(booking, nowMs);
    const trip = this.#nearTrip();
    const isLow = this.batteryPercent < Math.min(LOW_PERCENT, this.#contentPercent);
    if (!isLow && this.#canMake(trip)) return this.#pickUp(trip);
    if (this.#bargainer === undefined) return this.#toNearestStation();
    if (!this.#bargainer.canAsk(this.batteryPercent)) return this.#pickUp(trip);
    return { kind: "standing", trip, sinceMs: nowMs };
  }

  /** To be there as its slot begins: parks where it is meanwhile, or at the station. */
  #setOut(booking: HeldBooking, nowMs: number): Activity {
    const drive = this.#drive(booking, { kind: "keep its slot" }, HASTE_KMH);
    const driveMs = this.#clockMs((drive.km / drive.speedKmh) * 3600);
    const parksThere = this.#random() < 0.5;
    return { kind: "parked", untilMs: parksThere ? nowMs : Math.max(nowMs, booking.startMs - driveMs), next: drive };
  }

  #circumstances(nowMs: number) {
    return {
      latitude: this.#place.latitude,
      longitude: this.#place.longitude,
      batteryPercent: this.batteryPercent,
      isCharging: this.#activity.kind === "charging",
      need: Math.min(1, (SOON_LOW_PERCENT - this.batteryPercent) / (SOON_LOW_PERCENT - LOW_PERCENT)),
      arrivalMs: (place: Point) => nowMs + this.#clockMs(this.#secondsTo(place)),
    };
  }

  /** How long it takes to be at a place; where somebody is to be taken somewhere, after that. */
  #secondsTo(place: Point): number {
    const way = this.#activity;
    const secondsFor = (km: number, speedKmh: number) => (km / speedKmh) * 3600;
    if (way.kind !== "driving" || isToCharge(way.purpose))
      return secondsFor(distanceKm(this.#place, place) * ROAD_FACTOR, HASTE_KMH.from);
    const end = way.purpose.kind === "pick up" ? way.purpose.trip.to : way.to;
    return (
      secondsFor(way.km - way.doneKm, way.speedKmh) +
      secondsFor(distanceKm(way.to, end) * ROAD_FACTOR, SPEED_KMH.from) +
      secondsFor(distanceKm(end, place) * ROAD_FACTOR, HASTE_KMH.from)
    );
  }

  #mayBeCalled(): boolean {
    const { kind } = this.#activity;
    const isFree = kind === "driving" || kind === "standing";
    const wouldCome = this.batteryPercent < Math.min(SOON_LOW_PERCENT, this.#contentPercent);
    return isFree && wouldCome && this.#bargainer?.booking === undefined;
  }

  #nearTrip(): Trip {
    const offers = Array.from({ length: TRIPS_ON_OFFER }, () => this.#anyTrip());
    return nearest(this.#place, offers, ({ from }) => from);
  }

  #pickUp(trip: Trip): Activity {
    return this.#drive(trip.from, { kind: "pick up", trip });
  }

  #toNearestStation(): Activity {
    const station = this.#nearestStation(this.#place);
    return this.#drive(station, { kind: "charge", station });
  }

  #canMake({ from, to }: Trip): boolean {
    const toStation = distanceKm(to, this.#nearestStation(to));
    const km = (distanceKm(this.#place, from) + distanceKm(from, to) + toStation) * ROAD_FACTOR;
    return this.#chargeKwh - km * this.#traits.kwhPerKm >= this.#kwhAt(RESERVE_PERCENT);
  }

  #drive(to: Point, purpose: Purpose, speed = SPEED_KMH): Driving {
    const km = distanceKm(this.#place, to) * ROAD_FACTOR;
    const speedKmh = speed.from + this.#random() * speed.span;
    return { kind: "driving", from: this.#place, to, km, doneKm: 0, speedKmh, purpose };
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

const isToCharge = ({ kind }: Purpose) => kind === "charge" || kind === "keep its slot";

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
