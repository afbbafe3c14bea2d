import type { Telemetry } from "@greenlane/contracts";
import { distanceKm } from "@greenlane/domain";
import type { Circle } from "./arguments.ts";

/** The cars that a view is asked for; all, when nothing is said. */
export interface CarChoice {
  car?: string;
  /** Below this charge, %. */
  below?: number;
  near?: Circle;
}

/** Cars are remembered up to here. */
const MAX_CARS = 100_000;

/** Which cars are asked for: of those that are by their charge or place, the ones whose last report showed it. */
export class WantedCars {
  readonly #choice: CarChoice;
  readonly #wanted = new Set<string>();

  constructor(choice: CarChoice) {
    this.#choice = choice;
  }

  wants(t: Telemetry): boolean {
    const { car, below, near } = this.#choice;
    if (car !== undefined && t.carId !== car) return false;
    if (below === undefined && near === undefined) return true;
    const fits =
      (below === undefined || t.batteryPercent < below) && (near === undefined || distanceKm(t, near) <= near.km);
    if (!fits) this.#wanted.delete(t.carId);
    else if (this.#wanted.size < MAX_CARS) this.#wanted.add(t.carId);
    return fits;
  }

  /** Whether what else concerns a car is asked for. */
  wantsNewsOf(carId: string): boolean {
    const { car, below, near } = this.#choice;
    if (car !== undefined && carId !== car) return false;
    return (below === undefined && near === undefined) || this.#wanted.has(carId);
  }
}
