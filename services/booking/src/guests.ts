import type { CarPresence__Output } from "@greenlane/contracts";
import { NO_LIMIT } from "./chargeRequests.ts";
import type { Party } from "./parties.ts";
import { invalid } from "./refusals.ts";

/** A car that may be called to a free connector. */
export interface Guest {
  carId: string;
  capacityKwh: number;
  kwhPerKm: number;
  maxPowerKw: number;
  connectorTypes: string[];
  party: Party;
  /** When it was called last, Unix ms. */
  calledAtMs: number;
}

/** The idle cars that said they may be called. */
export class Guests {
  readonly #guests = new Map<string, Guest>();

  all(): Iterable<Guest> {
    return this.#guests.values();
  }

  present(presence: CarPresence__Output, party: Party) {
    const { car_id: carId, capacity_kwh, consumption_kwh_per_km, max_power_kw, connector_types, idle } = presence;
    if (!idle) {
      this.#guests.delete(carId);
      return;
    }
    if (!(capacity_kwh >= 1 && capacity_kwh <= 2_000)) {
      party.tell(invalid({ requestId: "", carId }, "capacity_kwh must be from 1 to 2000"));
      return;
    }
    this.#guests.set(carId, {
      carId,
      capacityKwh: capacity_kwh,
      kwhPerKm: Math.max(0, consumption_kwh_per_km),
      maxPowerKw: max_power_kw || NO_LIMIT,
      connectorTypes: connector_types,
      party,
      calledAtMs: this.#guests.get(carId)?.calledAtMs ?? 0,
    });
  }

  /** A stream is over: these cars that it spoke for cannot be called any more. */
  leave(carIds: Iterable<string>, party: Party): void {
    for (const carId of carIds) if (this.#guests.get(carId)?.party === party) this.#guests.delete(carId);
  }
}
