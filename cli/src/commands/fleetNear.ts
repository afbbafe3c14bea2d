import { type CarState, carStates, carsNear } from "@greenlane/redis";
import type { Command } from "commander";
import { kilometres, limitOption, longitude, mapLatitude, withJson } from "../arguments.ts";
import { readConfig } from "../config.ts";
import { batteryText, CAR_STATE_JSON, carStateJson, speedText } from "../format/carState.ts";
import { andMore, type Column, table } from "../format/table.ts";
import { instant } from "../format/time.ts";
import { withRedis } from "../servers.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

interface Near {
  carId: string;
  distanceKm: number;
  /** Undefined when Redis has the car's place but not its report. */
  state: CarState | undefined;
}

/** Cars are counted up to here. */
const MAX_FOUND = 10_001;

export function addFleetNear(fleet: Command, terminal: Terminal): void {
  withJson(fleet.command("near"), {
    example: "fleet near 40.72 -73.98 2",
    json: `{cars: [{car_id, distance_km, ${CAR_STATE_JSON}}], more}, nearest first; more is how many were left out`,
  })
    .description("cars near a place, nearest first")
    .argument("<lat>", "latitude, degrees", mapLatitude)
    .argument("<lon>", "longitude, degrees", longitude)
    .argument("<km>", "how far away, km", kilometres)
    .addOption(limitOption())
    .action(async (latitude: number, longitude: number, km: number, options: JsonOption & { limit: number }) => {
      const { cars, more } = await withRedis(readConfig(terminal.env), async (redis) => {
        const found = await carsNear(redis, { latitude, longitude }, km, MAX_FOUND);
        const shown = found.slice(0, options.limit);
        const ids = shown.map(({ carId }) => carId);
        const states = await carStates(redis, ids);
        return { cars: shown.map((car, n) => ({ ...car, state: states[n] })), more: found.length - shown.length };
      });
      await answer(terminal, options, { cars: cars.map(asJson), more }, () => asText(cars, more));
    });
}

const asJson = ({ carId, distanceKm, state }: Near) => ({
  car_id: carId,
  distance_km: distanceKm,
  ...(state && carStateJson(state)),
});

const COLUMNS: Column<Near>[] = [
  { title: "CAR", cell: ({ carId }) => carId },
  { title: "KM", cell: ({ distanceKm }) => distanceKm.toFixed(2), align: "right" },
  { title: "BATTERY", cell: ({ state }) => batteryText(state?.batteryPercent), align: "right" },
  { title: "SPEED", cell: ({ state }) => speedText(state?.velocityKmh), align: "right" },
  { title: "LAST REPORT", cell: ({ state }) => instant(state?.timestampMs) },
];

function asText(cars: Near[], more: number): string {
  return cars.length === 0 ? "no car is near\n" : table(COLUMNS, cars) + andMore(more);
}
