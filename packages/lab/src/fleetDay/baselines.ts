import { fillMin, leastOf, lessCrowded, reachableOptions, waitMin } from "./chargerChoice.ts";
import { type Car, isIdle, type View } from "./fleet.ts";
import type { DayPolicy } from "./policy.ts";

const needy = <Place>({ cars, world }: View<Place>): Car<Place>[] =>
  cars.filter((car) => isIdle(car) && car.kwh < world.battery.triggerKwh);

/** Each car, by number, to the nearest charger that it can reach; full sessions. */
export function nearest<Place>(): DayPolicy<Place> {
  return {
    name: "nearest",
    send: (view) =>
      needy(view).flatMap((car) => {
        const choice = leastOf(reachableOptions(car, view), ({ km }) => km);
        return choice === undefined ? [] : [{ car, charger: choice.charger }];
      }),
    chargeUntilKwh: (_car, _charger, { world }) => world.battery.ceilingKwh,
    leaveFor: lessCrowded,
  };
}

/** Each car, the emptiest first, to where drive, wait and charging take the least time together; full sessions. */
export function minTotalTime<Place>(): DayPolicy<Place> {
  return {
    name: "min-total-time",
    send: (view) =>
      needy(view)
        .toSorted((a, b) => a.kwh - b.kwh)
        .flatMap((car) => {
          const choice = leastOf(reachableOptions(car, view), (option) => {
            const onArrivalKwh = car.kwh - view.world.kwhPerKm * option.km;
            const driveMin = option.km / view.world.speedKmPerMin;
            return driveMin + waitMin(option, view) + fillMin(onArrivalKwh, option.charger.powerKw, view);
          });
          return choice === undefined ? [] : [{ car, charger: choice.charger }];
        }),
    chargeUntilKwh: (_car, _charger, { world }) => world.battery.ceilingKwh,
    leaveFor: lessCrowded,
  };
}
