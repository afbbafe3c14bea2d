import type { ChargerSite, World } from "./world.ts";

/** What a car is doing; times in min of the day, chargers by number. */
export type Activity =
  | { kind: "idle"; sinceMin: number }
  | { kind: "serving"; untilMin: number }
  | { kind: "driving"; charger: number; arrivesMin: number }
  | { kind: "queued"; charger: number; sinceMin: number }
  | { kind: "charging"; charger: number; fromMin: number; untilMin: number };

/** A car. Where it drives to, it is already, and the energy of the drive is gone: both are settled when it sets off. */
export interface Car<Place> {
  number: number;
  at: Place;
  /** While it charges: what it had at the start. */
  kwh: number;
  activity: Activity;
}

export interface Charger<Place> extends ChargerSite<Place> {
  number: number;
  /** The present session. */
  session?: { car: Car<Place>; untilMin: number };
  /** Those that wait, the first first. */
  queue: Car<Place>[];
}

/** What a policy sees of the present minute. */
export interface View<Place> {
  nowMin: number;
  world: World<Place>;
  cars: readonly Car<Place>[];
  chargers: readonly Charger<Place>[];
}

export const isIdle = (car: Car<unknown>): boolean => car.activity.kind === "idle";
