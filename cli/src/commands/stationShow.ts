import { ConnectorStatus, type ListStationsResponse__Output, type Station__Output } from "@greenlane/contracts";
import { type Booking, standingBookings } from "@greenlane/timescale";
import { callBooking } from "../bookingService.ts";
import { readConfig } from "../config.ts";
import { Failure } from "../failures.ts";
import { BOOKING_JSON, bookingJson, slotTime } from "../format/booking.ts";
import { placeText } from "../format/carState.ts";
import { escaped } from "../format/escape.ts";
import { factLines } from "../format/facts.ts";
import {
  type Connector,
  connectorStatusText,
  nextFreeOf,
  nextFreeText,
  occupancyOf,
  priceOf,
  priceText,
  STATION_JSON,
  stationJson,
} from "../format/station.ts";
import { type Column, table } from "../format/table.ts";
import { bar, legend, type TimelineSpan, timeMarks } from "../format/timeline.ts";
import { withDatabase } from "../servers.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

export const SHOWN_STATION_JSON = `{${STATION_JSON}, timeline: [{connector_id, power_kw, connector_type, status, taken: [{start, end, booking_id, held}]}], bookings: [{${BOOKING_JSON}}]|null}`;

/** A station and, where the database answered, who has booked there. */
interface Shown {
  station: Station__Output;
  bookings: Booking[] | undefined;
  nowMs: number;
}

export async function stationShow(
  stationId: string,
  options: JsonOption & { hours: number },
  terminal: Terminal,
): Promise<void> {
  const config = readConfig(terminal.env);
  const [found, bookings] = await Promise.allSettled([
    callBooking<ListStationsResponse__Output>(config, (client, token, terms, done) =>
      client.ListStations({ station_ids: [stationId] }, token, terms, done),
    ),
    withDatabase(config, (database) => standingBookings(database, [stationId])),
  ]);
  if (found.status === "rejected") throw found.reason;
  const [station] = found.value.stations;
  if (station === undefined) throw new Failure(`there is no station ${stationId}`);
  const nowMs = Date.now();
  const shown = { station, bookings: bookings.status === "fulfilled" ? bookings.value : undefined, nowMs };
  await answer(terminal, options, asJson(shown), () => asText(shown, { fromMs: nowMs, hours: options.hours }));
  if (bookings.status === "rejected") throw bookings.reason;
}

const asJson = ({ station, bookings, nowMs }: Shown) => ({
  ...stationJson(station, nowMs),
  timeline: station.connectors.map((connector) => ({ ...connector, status: connectorStatusText(connector) })),
  bookings: bookings?.map(bookingJson) ?? null,
});

function asText({ station, bookings, nowMs }: Shown, span: TimelineSpan): string {
  const { inUse, bookedNext, outOfOrder, connectors } = occupancyOf(station, nowMs);
  const head = factLines([
    ["name", station.name],
    ["place", placeText(station.latitude, station.longitude)],
    ["connectors", `${inUse} in use, ${bookedNext} booked next, ${outOfOrder} out of order, of ${connectors}`],
    ["price now", `${priceText(priceOf(station))}${priceOf(station) === undefined ? "" : " per kWh"}`],
    ["next free", nextFreeText(nextFreeOf(station), nowMs)],
  ]);
  const timeline = `\n${legend(span)}\n${table(timelineColumns(span), station.connectors)}`;
  return `${escaped(station.station_id)}\n${head}${timeline}\n${takenText(station, bookings)}`;
}

const isOutOfOrder = ({ status }: Connector) => status === ConnectorStatus.OUT_OF_ORDER;

const timelineColumns = (span: TimelineSpan): Column<Connector>[] => [
  { title: "CONNECTOR", cell: ({ connector_id }) => connector_id },
  { title: "KW", cell: ({ power_kw }) => power_kw, align: "right" },
  { title: "PLUG", cell: ({ connector_type }) => connector_type },
  { title: timeMarks(span), cell: (connector) => bar(connector.taken, span, isOutOfOrder(connector)) },
];

/** A slot that somebody has, and the booking that it is of; undefined of a hold, or where the database did not answer. */
interface TakenLine {
  connectorId: string;
  slot: Connector["taken"][number];
  booking: Booking | undefined;
}

const TAKEN_COLUMNS: Column<TakenLine>[] = [
  { title: "CONNECTOR", cell: ({ connectorId }) => connectorId },
  { title: "FROM", cell: ({ slot }) => slotTime(slot.start) },
  { title: "UNTIL", cell: ({ slot }) => slotTime(slot.end) },
  { title: "CAR", cell: ({ booking }) => booking?.carId ?? "" },
  { title: "STATE", cell: ({ booking, slot }) => booking?.state ?? (slot.held ? "held" : "booked") },
  { title: "BOOKING", cell: ({ slot }) => slot.booking_id },
];

function takenText({ connectors }: Station__Output, bookings: Booking[] = []): string {
  const byId = new Map(bookings.map((booking) => [booking.bookingId, booking]));
  const lines = connectors.flatMap(({ connector_id, taken }) =>
    taken.map((slot) => ({ connectorId: connector_id, slot, booking: byId.get(slot.booking_id) })),
  );
  return lines.length === 0 ? "nothing is booked\n" : table(TAKEN_COLUMNS, lines);
}
