import { type CallingConnector, type IdleCar, INVITATION, invite } from "@greenlane/domain";
import { type Car, type Charger, isIdle, type View } from "./fleet.ts";
import { type DemandWithin, placeWorthKwh } from "./placeWorth.ts";
import type { DayPolicy } from "./policy.ts";
import type { Customer } from "./world.ts";

const MIN_MS = 60_000;

/** How much of the time a car in service drives, 0 to 1. */
const DRIVING_SHARE = 0.7;

/** A day decides at whole minutes: a car leaves at the one nearest to when it is due. */
const DUE_MIN = 0.5;

/** A session that a charger has promised, min of the day. */
interface Booking {
  charger: number;
  endMin: number;
  kwh: number;
}

/**
 * Chargers call cars: each minute every charger that is free, or will be, calls the idle car that gains most, and the
 * car leaves just in time. The minutes of a day are given to the negotiation as Unix ms.
 */
export function negotiated<Place>(demandWithin: DemandWithin<Place>): DayPolicy<Place> {
  /** Of the cars that were called, by number, until they stand idle again. */
  const bookings = new Map<number, Booking>();
  return {
    name: "negotiated",
    send(view) {
      const { nowMin, world, chargers } = view;
      const cars = view.cars.filter(isIdle);
      for (const { number } of cars) bookings.delete(number);
      const standing = cars.filter(({ kwh }) => kwh >= world.battery.triggerKwh);
      const worthKwh = (place: Place, comes: boolean) => placeWorthKwh(place, comes, standing, world, demandWithin);
      const invitations = invite(
        nowMin * MIN_MS,
        cars.map((car) => ({ ...idleCar(car, view), placeWorthKwh: worthKwh(car.at, false) })),
        chargers.map((charger) => ({
          ...callingConnector(charger, nowMin, bookings),
          placeWorthKwh: worthKwh(charger.at, true),
        })),
        (car, charger) => {
          const km = world.distanceKm((cars[car] as Car<Place>).at, (chargers[charger] as Charger<Place>).at);
          return { km, ms: (km / world.speedKmPerMin) * MIN_MS };
        },
        { ...INVITATION, shortestMs: world.shortestSessionMin * MIN_MS },
      );
      const due = invitations.filter(({ leaveMs }) => leaveMs <= (nowMin + DUE_MIN) * MIN_MS);
      return due.map((invitation) => {
        const car = cars[invitation.car] as Car<Place>;
        const charger = chargers[invitation.connector] as Charger<Place>;
        const { endMs, kwh } = invitation;
        bookings.set(car.number, { charger: charger.number, endMin: endMs / MIN_MS, kwh });
        return { car, charger };
      });
    },
    chargeUntilKwh(car) {
      const booking = bookings.get(car.number);
      if (booking === undefined) throw new RangeError(`car ${car.number} plugs in without having been called`);
      return car.kwh + booking.kwh;
    },
    maySend: reachesACharger,
  };
}

/** Whether a car would come from a trip to some charger with the floor or more, be it ever so slow. */
function reachesACharger<Place>(car: Car<Place>, customer: Customer<Place>, { world, chargers }: View<Place>): boolean {
  const km = world.distanceKm(car.at, customer.from) + customer.tripKm;
  const toChargerKm = Math.min(...chargers.map(({ at }) => world.distanceKm(customer.to, at)));
  return car.kwh - world.kwhPerKm * (km + toChargerKm) >= world.battery.floorKwh;
}

function idleCar<Place>({ kwh }: Car<Place>, { world }: View<Place>): Omit<IdleCar, "placeWorthKwh"> {
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

/** A charger as the negotiation sees it; those at one place are a station. */
function callingConnector<Place>(
  { number, at, powerKw, session }: Charger<Place>,
  nowMin: number,
  bookings: ReadonlyMap<number, Booking>,
): Omit<CallingConnector, "placeWorthKwh"> {
  const ends = [...bookings.values()].filter(({ charger }) => charger === number).map(({ endMin }) => endMin);
  return { stationId: JSON.stringify(at), powerKw, freeMs: Math.max(nowMin, session?.untilMin ?? 0, ...ends) * MIN_MS };
}
