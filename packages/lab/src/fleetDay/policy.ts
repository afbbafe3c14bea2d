import type { Car, Charger, View } from "./fleet.ts";
import type { Customer } from "./world.ts";

/** How cars come to energy over a day. */
export interface DayPolicy<Place> {
  name: string;
  /** Each whole minute, after customers have got their cars: the idle cars that set off for a charger. */
  send(view: View<Place>): Sending<Place>[];
  /** At plug-in: the charge to end at, kWh. */
  chargeUntilKwh(car: Car<Place>, charger: Charger<Place>, view: View<Place>): number;
  /** Each minute, for a car whose patience in a queue has ended: where it goes; it stays when there is nothing. */
  leaveFor?(car: Car<Place>, charger: Charger<Place>, view: View<Place>): Charger<Place> | undefined;
  /** Whether the car may take the customer; any may when this is left out. */
  maySend?(car: Car<Place>, customer: Customer<Place>, view: View<Place>): boolean;
}

export interface Sending<Place> {
  car: Car<Place>;
  charger: Charger<Place>;
}
