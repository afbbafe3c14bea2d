import type { BookingState } from "@greenlane/domain";
import { type Booking, countBookings, listBookings } from "@greenlane/timescale";
import type { Command } from "commander";
import { bookingStates, id, limitOption, momentOrAhead, withJson } from "../arguments.ts";
import { readConfig } from "../config.ts";
import { BOOKING_COLUMNS, BOOKING_JSON, bookingJson } from "../format/booking.ts";
import { andMore, table } from "../format/table.ts";
import { withDatabase } from "../servers.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";
import { bookingShow, SHOWN_BOOKING_JSON } from "./bookingShow.ts";

interface BookingsOptions extends JsonOption {
  car?: string;
  station?: string;
  state?: BookingState[];
  from?: number;
  until?: number;
  limit: number;
}

export function addBookings(program: Command, terminal: Terminal): void {
  withJson(program.command("bookings"), {
    example: "bookings --from 0s --station S-12 --state RESERVED",
    json: `{bookings: [{${BOOKING_JSON}}], more}, the one that begins last first; of one booking ${SHOWN_BOOKING_JSON}`,
  })
    .description("bookings, the one that begins last first; or all that is known of one")
    .argument("[booking]", "the id of one", id)
    .option("--car <id>", "of this car", id)
    .option("--station <id>", "at this station", id)
    .option("--state <states>", "in one of these states, by comma: RESERVED,NO_SHOW", bookingStates)
    .option("--from <time>", "that begin then or later: 2h (ago), +2h (from now), or 2026-06-01T20:15Z", momentOrAhead)
    .option("--until <time>", "that begin before", momentOrAhead)
    .addOption(limitOption())
    .action((bookingId: string | undefined, options: BookingsOptions) =>
      bookingId === undefined ? bookings(options, terminal) : bookingShow(bookingId, options, terminal),
    );
}

async function bookings({ car, station, state, from, until, ...options }: BookingsOptions, terminal: Terminal) {
  const filter = { carId: car, stationId: station, states: state, fromMs: from, untilMs: until };
  const { found, total } = await withDatabase(readConfig(terminal.env), async (database) => ({
    found: await listBookings(database, { ...filter, limit: options.limit }),
    total: await countBookings(database, filter),
  }));
  const more = Math.max(0, total - found.length);
  await answer(terminal, options, { bookings: found.map(bookingJson), more }, () => asText(found, more));
}

function asText(found: Booking[], more: number): string {
  return found.length === 0 ? "no booking matches\n" : table(BOOKING_COLUMNS, found) + andMore(more);
}
