import { dispatch } from "./dispatch.ts";
import { EventQueue } from "./eventQueue.ts";
import { type Car, type Charger, isIdle, type View } from "./fleet.ts";
import type { DayOutcome } from "./measures.ts";
import type { DayPolicy } from "./policy.ts";
import type { Customer, Demand, World } from "./world.ts";

type Happening<Place> =
  | { kind: "tripEnds"; car: Car<Place> }
  | { kind: "arrives"; car: Car<Place>; charger: Charger<Place> }
  | { kind: "sessionEnds"; charger: Charger<Place> };

/** A rule of the day was broken: an error in a policy or in the simulation itself. */
export class RuleBroken extends Error {
  override name = "RuleBroken";
}

/** What rounding may add up to, kWh and min. */
const TOLERANCE = 1e-6;

/**
 * Lives through one day: trips end, cars arrive and sessions end in continuous time; at each whole minute between the
 * first and the last, after all that came before it, customers get cars, then idle cars set off for energy, and then
 * those that have queued too long look for another charger. A rule that is broken ends it. @throws RuleBroken
 */
export function liveDay<Place>(world: World<Place>, demand: Demand<Place>, policy: DayPolicy<Place>): DayOutcome {
  return new FleetDay(world, demand, policy).live();
}

class FleetDay<Place> {
  readonly #world: World<Place>;
  readonly #policy: DayPolicy<Place>;
  readonly #demand: Demand<Place>;
  readonly #cars: Car<Place>[];
  readonly #chargers: Charger<Place>[];
  readonly #events = new EventQueue<Happening<Place>>();
  readonly #outcome: DayOutcome;
  #waiting: Customer<Place>[] = [];
  #asked = 0;
  #nowMin = 0;

  constructor(world: World<Place>, demand: Demand<Place>, policy: DayPolicy<Place>) {
    this.#world = world;
    this.#policy = policy;
    this.#demand = demand;
    const { capacityKwh } = world.battery;
    this.#cars = demand.cars.map((at, number) => ({
      number,
      at,
      kwh: capacityKwh,
      activity: { kind: "idle", sinceMin: 0 },
    }));
    this.#chargers = world.chargers.map((site, number) => ({ ...site, number, queue: [] }));
    this.#outcome = {
      customers: demand.customers.length,
      served: 0,
      sessions: [],
      waits: [],
      pickupMin: [],
      drivenKm: 0,
      kwhAtStart: capacityKwh * demand.cars.length,
      kwhAtEnd: 0,
      standbyHours: 0,
    };
  }

  live(): DayOutcome {
    for (let minute = 1; minute < this.#world.durationMin; minute++) {
      this.#advanceTo(minute);
      this.#serveCustomers();
      for (const { car, charger } of this.#policy.send(this.#view())) this.#sendToCharger(car, charger);
      for (const car of this.#cars) this.#mayLosePatience(car);
    }
    this.#advanceTo(this.#world.durationMin);
    this.#end();
    return this.#outcome;
  }

  #view(): View<Place> {
    return { nowMin: this.#nowMin, world: this.#world, cars: this.#cars, chargers: this.#chargers };
  }

  #advanceTo(minute: number): void {
    for (let next = this.#events.takeUntil(minute); next !== undefined; next = this.#events.takeUntil(minute)) {
      this.#nowMin = next.atMin;
      this.#happen(next.event);
    }
    this.#nowMin = minute;
  }

  #happen(event: Happening<Place>): void {
    switch (event.kind) {
      case "tripEnds":
        this.#becomeIdle(event.car);
        break;
      case "arrives":
        this.#joinQueue(event.car, event.charger);
        break;
      case "sessionEnds":
        this.#endSession(event.charger);
        break;
    }
  }

  #becomeIdle(car: Car<Place>): void {
    car.activity = { kind: "idle", sinceMin: this.#nowMin };
  }

  /** Ends a car's idleness; what it stood with too little charge is standby. */
  #setOff(car: Car<Place>, km: number): void {
    if (car.activity.kind === "idle") this.#countStandby(car, car.activity.sinceMin);
    car.kwh -= this.#world.kwhPerKm * km;
    this.#outcome.drivenKm += km;
  }

  #countStandby(car: Car<Place>, sinceMin: number): void {
    if (car.kwh < this.#world.battery.strandedKwh) this.#outcome.standbyHours += (this.#nowMin - sinceMin) / 60;
  }

  #serveCustomers(): void {
    const { customers } = this.#demand;
    for (let next = customers[this.#asked]; next !== undefined && next.askedMin <= this.#nowMin; ) {
      this.#waiting.push(next);
      next = customers[++this.#asked];
    }
    const { customerPatienceMin, speedKmPerMin } = this.#world;
    this.#waiting = this.#waiting.filter(({ askedMin }) => this.#nowMin - askedMin <= customerPatienceMin);
    const view = this.#view();
    const maySend = (car: Car<Place>, customer: Customer<Place>) => this.#policy.maySend?.(car, customer, view) ?? true;
    const served = new Set<Customer<Place>>();
    for (const { car, customer, pickupKm } of dispatch(this.#waiting, view, maySend)) {
      const pickupMin = this.#nowMin + pickupKm / speedKmPerMin - customer.askedMin;
      this.#hold(pickupMin <= customerPatienceMin + TOLERANCE, "a customer waits no longer than its patience");
      const km = pickupKm + customer.tripKm;
      this.#setOff(car, km);
      car.at = customer.to;
      const untilMin = this.#nowMin + km / speedKmPerMin;
      car.activity = { kind: "serving", untilMin };
      this.#events.put(untilMin, { kind: "tripEnds", car });
      this.#outcome.pickupMin.push(pickupMin);
      this.#outcome.served++;
      served.add(customer);
    }
    if (served.size > 0) this.#waiting = this.#waiting.filter((customer) => !served.has(customer));
  }

  #sendToCharger(car: Car<Place>, charger: Charger<Place>): void {
    this.#hold(isIdle(car) || car.activity.kind === "queued", "only a car that stands sets off");
    const km = this.#world.distanceKm(car.at, charger.at);
    this.#setOff(car, km);
    car.at = charger.at;
    const arrivesMin = this.#nowMin + km / this.#world.speedKmPerMin;
    car.activity = { kind: "driving", charger: charger.number, arrivesMin };
    this.#events.put(arrivesMin, { kind: "arrives", car, charger });
  }

  #joinQueue(car: Car<Place>, charger: Charger<Place>): void {
    car.activity = { kind: "queued", charger: charger.number, sinceMin: this.#nowMin };
    charger.queue.push(car);
    if (charger.session === undefined) this.#startSession(charger);
  }

  #leaveQueue(car: Car<Place>, charger: Charger<Place>): void {
    if (car.activity.kind !== "queued") throw new RuleBroken("a car that does not queue leaves no queue");
    charger.queue.splice(charger.queue.indexOf(car), 1);
    const fromMin = car.activity.sinceMin;
    this.#outcome.waits.push({ car: car.number, charger: charger.number, fromMin, untilMin: this.#nowMin });
  }

  #mayLosePatience(car: Car<Place>): void {
    const { activity } = car;
    if (activity.kind !== "queued" || this.#nowMin - activity.sinceMin < this.#world.queuePatienceMin) return;
    const charger = this.#chargers[activity.charger];
    if (charger === undefined) throw new RuleBroken("a car queues at a charger of the day");
    const other = this.#policy.leaveFor?.(car, charger, this.#view());
    if (other === undefined) return;
    this.#leaveQueue(car, charger);
    this.#sendToCharger(car, other);
  }

  #startSession(charger: Charger<Place>): void {
    const car = charger.queue[0];
    if (car === undefined) return;
    this.#leaveQueue(car, charger);
    const { battery } = this.#world;
    this.#hold(car.kwh >= battery.floorKwh - TOLERANCE, "a car plugs in with the floor or more");
    const untilKwh = this.#policy.chargeUntilKwh(car, charger, this.#view());
    this.#hold(untilKwh <= battery.ceilingKwh + TOLERANCE, "no session fills a car beyond the ceiling");
    const fromMin = this.#nowMin;
    const untilMin = fromMin + ((untilKwh - car.kwh) / charger.powerKw) * 60;
    this.#hold(
      untilMin - fromMin >= this.#world.shortestSessionMin - TOLERANCE,
      "no session is shorter than the least",
    );
    car.activity = { kind: "charging", charger: charger.number, fromMin, untilMin };
    charger.session = { car, untilMin };
    this.#events.put(untilMin, { kind: "sessionEnds", charger });
  }

  #endSession(charger: Charger<Place>): void {
    const car = charger.session?.car;
    if (car?.activity.kind !== "charging") throw new RuleBroken("a session that ends has a car");
    const { fromMin } = car.activity;
    const kwh = (charger.powerKw * (this.#nowMin - fromMin)) / 60;
    car.kwh += kwh;
    this.#outcome.sessions.push({ car: car.number, charger: charger.number, fromMin, untilMin: this.#nowMin, kwh });
    delete charger.session;
    this.#becomeIdle(car);
    this.#startSession(charger);
  }

  /** The day is over: sessions, waits and standby count as far as they came. */
  #end(): void {
    for (const charger of this.#chargers) {
      for (const car of [...charger.queue]) this.#leaveQueue(car, charger);
      if (charger.session !== undefined) this.#endSession(charger);
    }
    for (const car of this.#cars) {
      if (car.activity.kind === "idle") this.#countStandby(car, car.activity.sinceMin);
      this.#outcome.kwhAtEnd += car.kwh;
    }
    const { kwhAtStart, kwhAtEnd, drivenKm, sessions } = this.#outcome;
    const charged = sessions.reduce((total, { kwh }) => total + kwh, 0);
    const lost = kwhAtStart + charged - kwhAtEnd - this.#world.kwhPerKm * drivenKm;
    this.#hold(Math.abs(lost) <= TOLERANCE, "every kWh is in a battery or was driven");
  }

  #hold(holds: boolean, rule: string): void {
    if (!holds) throw new RuleBroken(`at minute ${this.#nowMin} it no longer holds that ${rule}`);
  }
}
