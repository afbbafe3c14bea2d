import { idFault, MAX_TIME_MS, rangeFault } from "./faults.ts";
import type { ChargeRequest__Output } from "./generated/fleet/ChargeRequest.ts";

/** Ids that a list of a request may name, at the most. */
const MAX_LISTED = 64;
const DAY_MINUTES = 1_440;

/** The first rule that a charge request breaks, in the words of the wire's field names; null when it breaks none. */
export function chargeRequestFault(r: ChargeRequest__Output): string | null {
  return (
    idFault("request_id", r.request_id) ??
    idFault("car_id", r.car_id) ??
    rangeFault("latitude", r.latitude, -90, 90) ??
    rangeFault("longitude", r.longitude, -180, 180) ??
    rangeFault("battery_level", r.battery_level, 0, 100) ??
    rangeFault("capacity_kwh", r.capacity_kwh, 1, 2_000) ??
    rangeFault("consumption_kwh_per_km", r.consumption_kwh_per_km, 0, 10) ??
    rangeFault("target_level", r.target_level, 0, 100) ??
    (r.target_level > r.battery_level ? null : "target_level must be above battery_level") ??
    rangeFault("least_level", r.least_level, 0, r.target_level) ??
    listFault("connector_types", r.connector_types) ??
    rangeFault("max_power_kw", r.max_power_kw, 0, 10_000) ??
    momentFault("earliest", r.earliest) ??
    momentFault("latest", r.latest) ??
    (r.latest === 0 || r.latest > r.earliest ? null : "latest must be after earliest") ??
    rangeFault("max_wait_minutes", r.max_wait_minutes, 0, 7 * DAY_MINUTES) ??
    rangeFault("value_per_hour", r.value_per_hour, 0, 10_000) ??
    rangeFault("max_price_per_kwh", r.max_price_per_kwh, 0, 1_000) ??
    listFault("station_ids", r.station_ids)
  );
}

function listFault(field: string, ids: string[]): string | null {
  if (ids.length > MAX_LISTED) return `${field} must name at most ${MAX_LISTED}`;
  for (const id of ids) {
    const fault = idFault(field, id);
    if (fault !== null) return fault;
  }
  return null;
}

/** A moment in Unix ms, or 0 for none. */
function momentFault(field: string, atMs: number): string | null {
  return Number.isInteger(atMs) && atMs >= 0 && atMs <= MAX_TIME_MS ? null : `${field} must be Unix milliseconds`;
}
