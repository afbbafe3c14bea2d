import type { ListStationsResponse__Output, Station__Output } from "@greenlane/contracts";
import { distanceKm, type Point } from "@greenlane/domain";
import { type Command, Option } from "commander";
import { count, id, limitOption, place, radius, withJson } from "../arguments.ts";
import { callBooking } from "../bookingService.ts";
import { readConfig } from "../config.ts";
import {
  nextFreeOf,
  nextFreeText,
  occupancyOf,
  priceOf,
  priceText,
  STATION_JSON,
  stationJson,
} from "../format/station.ts";
import { andMore, type Column, table } from "../format/table.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";
import { SHOWN_STATION_JSON, stationShow } from "./stationShow.ts";

interface StationsOptions extends JsonOption {
  near?: Point;
  radius?: number;
  hours: number;
  limit: number;
}

const DEFAULT_RADIUS_KM = 5;

export function addStations(program: Command, terminal: Terminal): void {
  withJson(program.command("stations"), {
    example: "stations --near 40.72,-73.98 --radius 2",
    json: `{stations: [{${STATION_JSON}, distance_km}], more}, nearest first, distance_km with --near only; of one station ${SHOWN_STATION_JSON}`,
  })
    .description("stations: occupancy, price now, next free slot; or one with a timeline of each connector")
    .argument("[station]", "the id of one", id)
    .option("--near <lat,lon>", "only those near a place, nearest first", place)
    .addOption(new Option("--radius <km>", `how near, km (default: ${DEFAULT_RADIUS_KM})`).argParser(radius))
    .addOption(new Option("--hours <n>", "how much of one's time is shown").argParser(count(1, 48)).default(4))
    .addOption(limitOption())
    .action((stationId: string | undefined, options: StationsOptions, command: Command) => {
      if (options.radius !== undefined && options.near === undefined) command.error("error: --radius needs --near");
      if (stationId === undefined) return stations(options, terminal);
      if (options.near !== undefined) command.error("error: --near does not go with a station");
      return stationShow(stationId, options, terminal);
    });
}

async function stations({ near, ...options }: StationsOptions, terminal: Terminal): Promise<void> {
  const within = near && { ...near, radius_km: options.radius ?? DEFAULT_RADIUS_KM };
  const found = await callBooking<ListStationsResponse__Output>(
    readConfig(terminal.env),
    (client, token, terms, done) => client.ListStations(within ?? {}, token, terms, done),
  );
  const nowMs = Date.now();
  const shown = found.stations.slice(0, options.limit);
  const more = found.stations.length - shown.length;
  const asJson = (station: Station__Output) => ({
    ...stationJson(station, nowMs),
    ...(near && { distance_km: distanceKm(near, station) }),
  });
  const columns = [...(near === undefined ? [] : [distanceColumn(near)]), ...columnsAt(nowMs)];
  await answer(terminal, options, { stations: shown.map(asJson), more }, () =>
    shown.length === 0
      ? `no station is ${near === undefined ? "known" : "near"}\n`
      : table(columns, shown) + andMore(more),
  );
}

const distanceColumn = (from: Point): Column<Station__Output> => ({
  title: "KM",
  cell: (station) => distanceKm(from, station).toFixed(2),
  align: "right",
});

const columnsAt = (nowMs: number): Column<Station__Output>[] => [
  { title: "STATION", cell: ({ station_id }) => station_id },
  { title: "NAME", cell: ({ name }) => name },
  { title: "IN USE", cell: (station) => occupancyOf(station, nowMs).inUse, align: "right" },
  { title: "BOOKED NEXT", cell: (station) => occupancyOf(station, nowMs).bookedNext, align: "right" },
  { title: "OF", cell: ({ connectors }) => connectors.length, align: "right" },
  { title: "OUT OF ORDER", cell: (station) => occupancyOf(station, nowMs).outOfOrder || "", align: "right" },
  { title: "$/KWH", cell: (station) => priceText(priceOf(station)), align: "right" },
  { title: "NEXT FREE", cell: (station) => nextFreeText(nextFreeOf(station), nowMs) },
];
