import { decodeCarStatus, encodeTelemetry, type Telemetry } from "@greenlane/contracts";
import { CarReport } from "../load/carReport.ts";

/** Reports of a fleet as the load tool's cars send them, one car after the other. */
export class FleetEvents {
  readonly #cars: CarReport[];
  #next = 0;

  constructor(carPrefix: string, cars: number) {
    this.#cars = Array.from({ length: cars }, (_, n) => new CarReport(`${carPrefix}${n}`, n));
  }

  /** The next car's report, at that time (Unix ms) or a ms after its last. */
  next(atMs: number): Telemetry {
    const car = this.#cars[this.#next] as CarReport;
    this.#next = (this.#next + 1) % this.#cars.length;
    car.next(atMs);
    return decodeCarStatus(car.bytes);
  }
}

/** A report as it lies in the log. */
export interface EventRecord {
  key: string;
  value: string;
}

export const asRecord = (report: Telemetry): EventRecord => ({ key: report.carId, value: encodeTelemetry(report) });
