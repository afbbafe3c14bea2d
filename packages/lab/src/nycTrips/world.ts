import { readFileSync } from "node:fs";
import { distanceKm, type Point } from "@greenlane/domain";
import { parse } from "csv-parse/sync";
import type { ChargerSite, World } from "../fleetDay/world.ts";

/** Roads by straight line. */
const ROAD_FACTOR = 1.3;
/** Of each DC port: the sites do not say. */
const POWER_KW = 50;
/** In the language of the Alternative Fuels Data Center: the combined plug of most cars. */
const PLUG = "J1772COMBO";

/** The public DC ports of Manhattan that have the plug, those of a site one after the other. */
function realChargers(): ChargerSite<Point>[] {
  const sites: Record<string, string>[] = parse(
    readFileSync(new URL("../../data/nyc-trips/manhattan_afdc_2025-04.csv", import.meta.url)),
    { columns: true },
  );
  return sites
    .filter((site) => site["EV Connector Types"]?.split(" ").includes(PLUG) && site["Access Code"] === "public")
    .flatMap((site) => {
      const at = { latitude: Number(site.Latitude), longitude: Number(site.Longitude) };
      return Array.from({ length: Number(site["EV DC Fast Count"]) }, () => ({ at, powerKw: POWER_KW }));
    });
}

/** Manhattan from midnight to midnight, with its real chargers, for cars of 50 kWh. */
export const NYC: World<Point> = {
  durationMin: 24 * 60,
  distanceKm: (a, b) => ROAD_FACTOR * distanceKm(a, b),
  speedKmPerMin: 1 / 3,
  kwhPerKm: 0.25,
  battery: { capacityKwh: 50, floorKwh: 5, triggerKwh: 10, ceilingKwh: 40, strandedKwh: 7 },
  chargers: realChargers(),
  shortestSessionMin: 10,
  customerPatienceMin: 10,
  queuePatienceMin: 15,
};
