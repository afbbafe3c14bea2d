import type { ChargeRequest } from "./chargeRequest.ts";
import type { OpenConnector } from "./herdProblem.ts";
import { percentAfterDrive, roadKm, suits, type Travel, visitTo } from "./visit.ts";

/**
 * Why a request can get no slot even if nobody else had any; undefined when it could, so that waiting makes sense.
 * Said in the words of a charge request.
 */
export function whyNever(
  request: ChargeRequest,
  connectors: readonly OpenConnector[],
  travel: Travel,
  nowMs: number,
): string | undefined {
  const suitable = connectors.filter(({ connector }) => suits(request, connector));
  if (suitable.length === 0) return "no connector in order that fits and is at a station that it would go to";
  const reachable = suitable.filter(({ connector }) => {
    return percentAfterDrive(request, roadKm(request.at, connector.at, travel)) >= travel.reservePercent;
  });
  if (reachable.length === 0) return "no connector within reach of its battery_level";
  const visits = reachable.flatMap((open) => {
    const visit = visitTo(request, open.connector, travel, nowMs, open.tariff.energyShare);
    return visit === undefined ? [] : [{ ...visit, tariff: open.tariff }];
  });
  if (visits.length === 0) return "it has its target_level where it could charge";
  const inTime = visits.filter(({ arriveMs, chargeMs }) => arriveMs + chargeMs <= request.latestMs);
  if (inTime.length === 0) return "it cannot be charged by latest";
  const { maxPricePerKwh, latestMs } = request;
  const affordable = inTime.some(({ tariff, arriveMs, chargeMs }) => {
    const startMs = tariff.affordableStartMs(arriveMs, chargeMs, maxPricePerKwh);
    const endMs = startMs + chargeMs;
    return endMs <= latestMs && tariff.pricePerKwhBetween(startMs, endMs) <= maxPricePerKwh;
  });
  return affordable ? undefined : "no station asks as little as max_price_per_kwh";
}
