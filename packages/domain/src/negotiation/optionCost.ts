import type { ChargeRequest } from "./chargeRequest.ts";

const HOUR_MS = 3_600_000;

/**
 * What an option costs a car, dollars: the energy at its price, and the time until it is charged (drive, wait and
 * charging) at what an hour is worth to it.
 */
export function optionCost(
  { valuePerHour }: Pick<ChargeRequest, "valuePerHour">,
  { kwh, pricePerKwh, endMs }: { kwh: number; pricePerKwh: number; endMs: number },
  nowMs: number,
): number {
  return pricePerKwh * kwh + (valuePerHour * (endMs - nowMs)) / HOUR_MS;
}
