import { type BookingEvent, decodeBookingEvent, TOPICS } from "@greenlane/contracts";
import type { TopicReader } from "@greenlane/kafka";
import { type BilledSession, type Booking, billedSession, findBooking } from "@greenlane/timescale";
import { readConfig } from "../config.ts";
import { Failure } from "../failures.ts";
import { BOOKING_JSON, bookingJson, energyText, slotTime } from "../format/booking.ts";
import { escaped, jsonLines } from "../format/escape.ts";
import { type Fact, factLines } from "../format/facts.ts";
import { type Column, table } from "../format/table.ts";
import { instant } from "../format/time.ts";
import { lookBack } from "../lookBack.ts";
import { withDatabase, withReader } from "../servers.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

export const SHOWN_BOOKING_JSON = `{${BOOKING_JSON}, request, session: {kwh, locked_cost, grid_cost}|null, changes: [as in the topic booking-events]|null}, oldest change first`;

/** What is known of a booking. */
interface Shown {
  booking: Booking;
  /** Undefined when it has charged nothing. */
  session: BilledSession | undefined;
  /** Oldest first, as far back as was looked; undefined when the log did not answer. */
  changes: BookingEvent[] | undefined;
}

export async function bookingShow(bookingId: string, options: JsonOption, terminal: Terminal): Promise<void> {
  const config = readConfig(terminal.env);
  const { booking, session } = await withDatabase(config, async (database) => ({
    booking: await findBooking(database, bookingId),
    session: await billedSession(database, bookingId),
  }));
  if (booking === undefined) throw new Failure(`there is no booking ${bookingId}`);
  const [changes] = await Promise.allSettled([
    withReader(config, TOPICS.bookingEvents, (reader) => changesOf(reader, booking)),
  ]);
  const shown = { booking, session, changes: changes.status === "fulfilled" ? changes.value : undefined };
  await answer(terminal, options, asJson(shown), () => asText(shown));
  if (changes.status === "rejected") throw changes.reason;
}

/** The log's events of a booking, each once: as far back as its birth, or as is looked. */
async function changesOf(reader: TopicReader, { bookingId, carId }: Booking): Promise<BookingEvent[]> {
  const events = await lookBack(
    reader,
    carId,
    (records) =>
      records
        .flatMap(({ value }) => decodeBookingEvent(value) ?? [])
        .filter(({ booking_id }) => booking_id === bookingId),
    (found) => found.some(({ version }) => version === 1),
  );
  return [...new Map(events.map((event) => [event.version, event])).values()];
}

const asJson = ({ booking, session, changes }: Shown) => ({
  ...bookingJson(booking),
  request: booking.request,
  session: session === undefined ? null : sessionJson(session),
  changes: changes ?? null,
});

const sessionJson = ({ kwh, lockedCost, gridCost }: BilledSession) => ({
  kwh,
  locked_cost: lockedCost,
  grid_cost: gridCost,
});

function asText({ booking, session, changes }: Shown): string {
  const request = jsonLines(booking.request).replaceAll(/^/gm, "  ");
  return `${escaped(booking.bookingId)}\n${factLines(facts(booking, session))}${changesText(changes)}\nRequest\n${request}\n`;
}

function facts(booking: Booking, session: BilledSession | undefined): Fact[] {
  const found: Fact[] = [
    ["car", booking.carId],
    ["state", booking.state],
  ];
  if (booking.reason !== "") found.push(["last said", booking.reason]);
  if (booking.stationId !== "") {
    found.push(["at", `${booking.stationId}, connector ${booking.connectorId}`]);
    found.push(["from", slotTime(booking.startMs)], ["until", slotTime(booking.endMs)]);
    found.push(["energy", energyText(booking)]);
  }
  if (session !== undefined) {
    const { kwh, lockedCost, gridCost } = session;
    const costs = `$${lockedCost.toFixed(2)} at the locked price, $${gridCost.toFixed(2)} at the grid's`;
    found.push(["charged", `${kwh.toFixed(3)} kWh: ${costs}`]);
  }
  found.push(["asked", `${instant(booking.createdAtMs)}, request ${booking.requestId}`]);
  if (booking.checkedInAtMs !== undefined) found.push(["checked in", instant(booking.checkedInAtMs)]);
  found.push(["changed", `${instant(booking.updatedAtMs)}, version ${booking.version}`]);
  return found;
}

const COLUMNS: Column<BookingEvent>[] = [
  { title: "TIME", cell: ({ timestamp }) => instant(timestamp) },
  { title: "CHANGE", cell: ({ event_type }) => event_type },
  { title: "STATE", cell: ({ state }) => state },
  {
    title: "CONNECTOR",
    cell: ({ station_id, connector_id }) => (station_id === "" ? "" : `${station_id}/${connector_id}`),
  },
  { title: "FROM", cell: ({ start }) => slotTime(start) },
  { title: "UNTIL", cell: ({ end }) => slotTime(end) },
  { title: "WHY", cell: ({ reason }) => reason },
];

function changesText(changes: BookingEvent[] | undefined): string {
  if (changes === undefined) return "";
  return changes.length === 0 ? "\nno change of it among the log's newest\n" : `\nChanges\n${table(COLUMNS, changes)}`;
}
