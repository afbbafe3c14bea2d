import { CounterWish } from "@greenlane/contracts";
import type { ChargeRequest } from "@greenlane/domain";
import type { StandingOffer } from "./negotiation.ts";

/** So much less than the cheapest offer it is to cost, dollars per kWh: else the same would be offered again. */
const CHEAPER_BY = 0.001;
/** Charging for less than this is not worth the drive, %. */
const LEAST_GAIN_PERCENT = 1;

/**
 * What a car asks for that counters some offers; undefined when there is no such thing.
 * @param stationsWithin those nearer by road than so many km
 */
export function countered(
  request: ChargeRequest,
  wish: CounterWish,
  offers: readonly StandingOffer[],
  stationsWithin: (km: number) => string[],
): ChargeRequest | undefined {
  const options = offers.map(({ option }) => option);
  switch (wish) {
    case CounterWish.CHEAPER:
      return { ...request, maxPricePerKwh: Math.min(...options.map(({ pricePerKwh }) => pricePerKwh)) - CHEAPER_BY };
    case CounterWish.SOONER:
      return { ...request, valuePerHour: 2 * request.valuePerHour };
    case CounterWish.NEARER: {
      const { stationIds: allowed = [] } = request;
      const nearer = stationsWithin(options[0]?.km ?? 0);
      const stationIds = nearer.filter((stationId) => allowed.length === 0 || allowed.includes(stationId));
      return stationIds.length === 0 ? undefined : { ...request, stationIds };
    }
    case CounterWish.LESS_ENERGY: {
      const middle = (request.batteryPercent + request.targetPercent) / 2;
      const targetPercent = Math.max(middle, request.batteryPercent + LEAST_GAIN_PERCENT);
      return { ...request, targetPercent, leastPercent: Math.min(request.leastPercent, targetPercent) };
    }
    default:
      return undefined;
  }
}
