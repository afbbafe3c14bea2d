import { type CallingConnector, type IdleCar, INVITATION, invite } from "@greenlane/domain";
import { type Car, type Charger, isIdle, type View } from "./fleet.ts";
import type { DayPolicy } from "./policy.ts";
import type { Customer } from "./world.ts";

const MIN_MS = 60_000;

/** How much of the time a car in service drives, 0 to 1. */
const DRIVING_SHARE = 0.7;

/** Minutes are all that the day decides at: who is due within half of one leaves now. */
const DUE_MIN = 0.5;

/** A session that a charger has promised, min of the day. */
interface Booking {
  charger: number;
  endMin: number;
  kwh: number;
}

/**
 * Chargers call cars: each minute every charger that is free, or will be, calls the idle car that gains most, which leaves
 * just in time. The times of a day are taken for Unix ms.
 */
export function negotiated<Place>(): DayPolicy<Place> {
  /** Of the cars on their way, by number. */
  const bookings = new Map<number, Booking>();

  return {
    name: "negotiated",
    send(view) {
      const { nowMin, world } = view;
      const cars = view.cars.filter(isIdle);
      for (const { number } of cars) bookings.delete(number);
      const connectors = view.chargers.map((charger) => callingConnector(charger, nowMin, bookings));
      const kmBetween = (car: number, charger: number) =>
        world.distanceKm((cars[car] as Car<Place>).at, (view.chargers[charger] as Charger<Place>).at);
      const invitations = invite(
        nowMin * MIN_MS,
        cars.map((car) => idleCar(car, view)),
        connectors,
        (car, charger) => {
          const km = kmBetween(car, charger);
          return { km, ms: (km / world.speedKmPerMin) * MIN_MS };
        },
        { ...INVITATION, shortestMs: world.shortestSessionMin * MIN_MS },
      );
      return invitations.flatMap(({ car: place, connector, leaveMs, endMs, kwh }) => {
        if (leaveMs > (nowMin + DUE_MIN) * MIN_MS) return [];
        const [car, charger] = [cars[place] as Car<Place>, view.chargers[connector] as Charger<Place>];
        bookings.set(car.number, { charger: charger.number, endMin: endMs / MIN_MS, kwh });
        return [{ car, charger }];
      });
    },
    chargeUntilKwh: (car) => car.kwh + (bookings.get(car.number)?.kwh ?? 0),
    maySend: comesToACharger,
  };
}

/** Whether a car would come from a trip to some charger with the floor or more. */
function comesToACharger<Place>(car: Car<Place>, customer: Customer<Place>, { world, chargers }: View<Place>): boolean {
  const km = world.distanceKm(car.at, customer.from) + customer.tripKm;
  const toChargerKm = Math.min(...chargers.map(({ at }) => world.distanceKm(customer.to, at)));
  return car.kwh - world.kwhPerKm * (km + toChargerKm) >= world.battery.floorKwh;
}

function idleCar<Place>({ kwh }: Car<Place>, { world }: View<Place>): IdleCar {
  const { capacityKwh, floorKwh, triggerKwh, ceilingKwh } = world.battery;
  return {
    kwh,
    capacityKwh,
    floorKwh,
    lowKwh: triggerKwh,
    ceilingKwh,
    kwhPerKm: world.kwhPerKm,
    maxPowerKw: Number.POSITIVE_INFINITY,
    useKw: DRIVING_SHARE * world.speedKmPerMin * 60 * world.kwhPerKm,
    serviceEndMs: world.durationMin * MIN_MS,
  };
}

function callingConnector<Place>(
  { number, at, powerKw, session }: Charger<Place>,
  nowMin: number,
  bookings: ReadonlyMap<number, Booking>,
): CallingConnector {
  const ends = [...bookings.values()].filter(({ charger }) => charger === number).map(({ endMin }) => endMin);
  return { stationId: JSON.stringify(at), powerKw, freeMs: Math.max(nowMin, session?.untilMin ?? 0, ...ends) * MIN_MS };
}
