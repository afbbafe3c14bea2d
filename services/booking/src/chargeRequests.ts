import type { ChargeRequest__Output } from "@greenlane/contracts";
import type { ChargeRequest } from "@greenlane/domain";
import { type CarState, carStates, type Redis } from "@greenlane/redis";
import type { Booking } from "@greenlane/timescale";
import { z } from "zod";

/** Above anything that a car may ask; and, unlike infinity, JSON has a word for it. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;
export const DAY_MS = 86_400_000;
/** What an hour is taken to be worth to a car that does not say, dollars. */
export const DEFAULT_VALUE_PER_HOUR = 20;

/** What a car asks for, from a message that breaks no rule of `chargeRequestFault`. */
export function asRequest(wire: ChargeRequest__Output, nowMs: number): ChargeRequest {
  return {
    requestId: wire.request_id,
    carId: wire.car_id,
    askedAtMs: nowMs,
    at: { latitude: wire.latitude, longitude: wire.longitude },
    batteryPercent: wire.battery_level,
    capacityKwh: wire.capacity_kwh,
    kwhPerKm: wire.consumption_kwh_per_km,
    targetPercent: wire.target_level,
    leastPercent: wire.least_level || wire.target_level,
    maxPowerKw: wire.max_power_kw || NO_LIMIT,
    connectorTypes: wire.connector_types,
    stationIds: wire.station_ids,
    earliestMs: wire.earliest,
    latestMs: wire.latest || Math.max(nowMs, wire.earliest) + DAY_MS,
    maxWaitMs: wire.max_wait_minutes === 0 ? NO_LIMIT : wire.max_wait_minutes * 60_000,
    valuePerHour: wire.value_per_hour || DEFAULT_VALUE_PER_HOUR,
    maxPricePerKwh: wire.max_price_per_kwh || NO_LIMIT,
  };
}

const storedRequest = z.object({
  requestId: z.string(),
  carId: z.string(),
  askedAtMs: z.number(),
  at: z.object({ latitude: z.number(), longitude: z.number() }),
  batteryPercent: z.number(),
  capacityKwh: z.number(),
  kwhPerKm: z.number(),
  targetPercent: z.number(),
  leastPercent: z.number(),
  maxPowerKw: z.number(),
  connectorTypes: z.array(z.string()),
  stationIds: z.array(z.string()).optional(),
  earliestMs: z.number(),
  latestMs: z.number(),
  maxWaitMs: z.number(),
  valuePerHour: z.number(),
  maxPricePerKwh: z.number(),
});

/** The request that a booking was made for, as the database kept it. @throws ZodError for what is none */
export function storedAsRequest(stored: unknown): ChargeRequest {
  const { stationIds, ...request } = storedRequest.parse(stored);
  return stationIds === undefined ? request : { ...request, stationIds };
}

/** A car whose last report is older is where it was when it asked. */
const FRESH_MS = 10 * 60_000;

/** What cars that have bookings would ask for now, from where they are as far as Redis knows. In the bookings' order. */
export async function requestsNow(redis: Redis, bookings: readonly Booking[], nowMs: number): Promise<ChargeRequest[]> {
  const carIds = bookings.map(({ carId }) => carId);
  const reports: (CarState | undefined)[] = await carStates(redis, carIds).catch(() => []);
  return bookings.map((booking, n) => ({ ...storedAsRequest(booking.request), ...whereabouts(reports[n], nowMs) }));
}

function whereabouts(report: CarState | undefined, nowMs: number): Partial<ChargeRequest> {
  if (report?.latitude === undefined || report.longitude === undefined) return {};
  if (report.timestampMs < nowMs - FRESH_MS) return {};
  const at = { latitude: report.latitude, longitude: report.longitude };
  return { at, batteryPercent: report.batteryPercent };
}
