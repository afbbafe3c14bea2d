import type { CarState } from "@greenlane/redis";

/** A car's last report with the wire's names; null for what Redis does not hold. */
export function carStateJson(state: CarState): object {
  return {
    lat: state.latitude ?? null,
    lon: state.longitude ?? null,
    battery: state.batteryPercent,
    velocity: state.velocityKmh,
    timestamp: state.timestampMs,
    charging_station_id: state.chargingStationId,
    session_id: state.sessionId,
    energy_kwh: state.energyKwh,
    odometer_km: state.odometerKm,
  };
}

export const CAR_STATE_JSON =
  "lat, lon, battery, velocity, timestamp, charging_station_id, session_id, energy_kwh, odometer_km";

const number = (value: number | undefined, digits: number, unit = "") =>
  value === undefined || Number.isNaN(value) ? "?" : `${value.toFixed(digits)}${unit}`;

export const batteryText = (percent: number | undefined) => number(percent, 1, " %");
export const speedText = (kmh: number | undefined) => number(kmh, 1, " km/h");
export const placeText = (latitude: number | undefined, longitude: number | undefined) =>
  `${number(latitude, 4)}, ${number(longitude, 4)}`;
