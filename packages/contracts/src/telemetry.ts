import { z } from "zod";
import { idFault, MAX_TIME_MS, rangeFault } from "./faults.ts";
import { readTelemetryJson } from "./telemetryJson.ts";

/** One report of one car. Identified by (carId, timestampMs): sent twice, it is one event. */
export interface Telemetry {
  carId: string;
  /** Degrees, WGS84, -90 to 90. */
  latitude: number;
  /** Degrees, WGS84, -180 to 180. */
  longitude: number;
  /** State of charge, 0 to 100. */
  batteryPercent: number;
  /** 0 to 400. */
  velocityKmh: number;
  /** Unix ms, whole. */
  timestampMs: number;
  /** Empty when the car is not plugged in. */
  chargingStationId: string;
  /** The running charging session; empty when there is none. */
  sessionId: string;
  /** Meter reading of the running session, kWh since it began. */
  energyKwh: number;
  /** Driven over the life of the car. */
  odometerKm: number;
}

export const TELEMETRY_EVENT_TYPE = "telemetry";

function timestampFault(timestampMs: number): string | null {
  const isMoment = Number.isInteger(timestampMs) && timestampMs > 0 && timestampMs <= MAX_TIME_MS;
  return isMoment ? null : "timestamp must be Unix milliseconds";
}

/**
 * The first rule that a report breaks, in the words of the wire's field names; null when it breaks none.
 * Whether the timestamp is plausible depends on a clock and is ingestion's to judge.
 */
export function telemetryFault(t: Telemetry): string | null {
  return (
    idFault("car_id", t.carId) ??
    rangeFault("latitude", t.latitude, -90, 90) ??
    rangeFault("longitude", t.longitude, -180, 180) ??
    rangeFault("battery_level", t.batteryPercent, 0, 100) ??
    rangeFault("velocity", t.velocityKmh, 0, 400) ??
    timestampFault(t.timestampMs) ??
    (t.chargingStationId === "" ? null : idFault("charging_station_id", t.chargingStationId)) ??
    (t.sessionId === "" ? null : idFault("session_id", t.sessionId)) ??
    (t.sessionId !== "" && t.chargingStationId === "" ? "charging_station_id must be given with session_id" : null) ??
    rangeFault("energy_kwh", t.energyKwh, 0, 10_000) ??
    rangeFault("odometer_km", t.odometerKm, 0, 100_000_000)
  );
}

/**
 * The JSON value of an event on `fleet-events`; fields at their defaults are left out past the first contract.
 * The report must break no rule of `telemetryFault`: JSON has no word for numbers that are not finite.
 */
export function encodeTelemetry(t: Telemetry): string {
  let json = `{"car_id":${JSON.stringify(t.carId)},"lat":${t.latitude},"lon":${t.longitude},"battery":${t.batteryPercent},"velocity":${t.velocityKmh},"timestamp":${t.timestampMs},"event_type":"${TELEMETRY_EVENT_TYPE}"`;
  if (t.chargingStationId !== "") json += `,"charging_station_id":${JSON.stringify(t.chargingStationId)}`;
  if (t.sessionId !== "") json += `,"session_id":${JSON.stringify(t.sessionId)}`;
  if (t.energyKwh !== 0) json += `,"energy_kwh":${t.energyKwh}`;
  if (t.odometerKm !== 0) json += `,"odometer_km":${t.odometerKm}`;
  return `${json}}`;
}

const wireTelemetry = z.object({
  car_id: z.string(),
  lat: z.number(),
  lon: z.number(),
  battery: z.number(),
  velocity: z.number(),
  timestamp: z.number(),
  charging_station_id: z.string().default(""),
  session_id: z.string().default(""),
  energy_kwh: z.number().default(0),
  odometer_km: z.number().default(0),
});

export type DecodedEvent =
  | { kind: "telemetry"; telemetry: Telemetry }
  /** A well-formed event of a type that is not telemetry: not the reader's own, to be passed over. */
  | { kind: "other"; eventType: string }
  | { kind: "poison"; reason: string };

/** Reads a value of `fleet-events`. Never throws: what cannot be read is poison, with the reason. */
export function decodeTelemetry(value: Uint8Array | null): DecodedEvent {
  if (value === null) return { kind: "poison", reason: "no value" };
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const telemetry = readTelemetryJson(bytes);
  if (telemetry !== undefined) return judged(telemetry);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch {
    return { kind: "poison", reason: "not JSON" };
  }
  if (typeof json !== "object" || json === null) return { kind: "poison", reason: "not a JSON object" };
  const eventType = (json as { event_type?: unknown }).event_type;
  if (typeof eventType !== "string") return { kind: "poison", reason: "event_type must be a string" };
  if (eventType !== TELEMETRY_EVENT_TYPE) return { kind: "other", eventType };
  const parsed = wireTelemetry.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { kind: "poison", reason: `${issue?.path.join(".")}: ${issue?.message}` };
  }
  const w = parsed.data;
  return judged({
    carId: w.car_id,
    latitude: w.lat,
    longitude: w.lon,
    batteryPercent: w.battery,
    velocityKmh: w.velocity,
    timestampMs: w.timestamp,
    chargingStationId: w.charging_station_id,
    sessionId: w.session_id,
    energyKwh: w.energy_kwh,
    odometerKm: w.odometer_km,
  });
}

function judged(telemetry: Telemetry): DecodedEvent {
  const fault = telemetryFault(telemetry);
  return fault === null ? { kind: "telemetry", telemetry } : { kind: "poison", reason: fault };
}
