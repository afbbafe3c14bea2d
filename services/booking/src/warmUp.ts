import {
  type ChargeRequest,
  ConnectorCalendar,
  type OpenConnector,
  seededRandom,
  stationTariff,
} from "@greenlane/domain";
import { DEFAULT_VALUE_PER_HOUR, NO_LIMIT } from "./chargeRequests.ts";

const HERDS = 4;
const CARS = 250;
const STATIONS = 20;
const CONNECTORS = 4;

/**
 * Matches some herds that nobody sent, so that the first real one after a start finds the code compiled. Costs a fraction
 * of a second.
 * @param match as it is done for real
 */
export function warmUp(
  match: (requests: readonly ChargeRequest[], connectors: readonly OpenConnector[]) => unknown,
  nowMs: number,
): void {
  const random = seededRandom(1);
  for (let herd = 0; herd < HERDS; herd++) {
    const connectors = stations(random, nowMs);
    const cars = Array.from({ length: CARS }, (_, n) => request(`car-${n}`, random, nowMs));
    match(cars, connectors);
    for (const car of cars.slice(0, CARS / 10)) match([car], connectors);
  }
}

const somewhere = (random: () => number) => ({ latitude: 0.05 * random(), longitude: 0.05 * random() });

function stations(random: () => number, nowMs: number): OpenConnector[] {
  return Array.from({ length: STATIONS }, (_, n) => {
    const at = somewhere(random);
    const calendars = Array.from({ length: CONNECTORS }, (_connector, m) => {
      const startMs = nowMs + Math.floor(random() * 3_600_000);
      return new ConnectorCalendar(m % 2 === 0 ? [] : [{ id: "booking", startMs, endMs: startMs + 1_800_000 }]);
    });
    const tariff = stationTariff(nowMs, 24 * 3_600_000, () => 0.1 + 0.2 * random(), calendars);
    return calendars.map((calendar, m) => {
      return { connector: { connectorId: `${m}`, stationId: `${n}`, at, powerKw: 50, type: "CCS" }, calendar, tariff };
    });
  }).flat();
}

function request(carId: string, random: () => number, nowMs: number): ChargeRequest {
  return {
    requestId: carId,
    carId,
    askedAtMs: nowMs,
    at: somewhere(random),
    batteryPercent: 10 + 20 * random(),
    capacityKwh: 60,
    kwhPerKm: 0.2,
    targetPercent: 80,
    leastPercent: 60,
    maxPowerKw: NO_LIMIT,
    connectorTypes: [],
    earliestMs: nowMs,
    latestMs: nowMs + 24 * 3_600_000,
    maxWaitMs: NO_LIMIT,
    valuePerHour: DEFAULT_VALUE_PER_HOUR,
    maxPricePerKwh: NO_LIMIT,
  };
}
