import { type CarPresence__Output, rangeFault } from "@greenlane/contracts";
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
    const fault =
      rangeFault("capacity_kwh", capacity_kwh, 1, 2_000) ??
      rangeFault("consumption_kwh_per_km", consumption_kwh_per_km, 0, 10) ??
      rangeFault("max_power_kw", max_power_kw, 0, 10_000);
    if (fault !== null) {
      party.tell(invalid({ requestId: "", carId }, fault));
      return;
    }
    this.#guests.set(carId, {
      carId,
      capacityKwh: capacity_kwh,
      kwhPerKm: consumption_kwh_per_km,
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
