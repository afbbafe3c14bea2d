import { type BookingResponse__Output, BookingStatus, WireBookingState } from "@greenlane/contracts";
import { carState } from "@greenlane/redis";
import { type Command, Option } from "commander";
import { id, momentOrAhead, percent, withJson } from "../arguments.ts";
import { callBooking } from "../bookingService.ts";
import { type CliConfig, readConfig } from "../config.ts";
import { Failure } from "../failures.ts";
import { energyText, slotTime } from "../format/booking.ts";
import { escaped } from "../format/escape.ts";
import { factLines } from "../format/facts.ts";
import { span } from "../format/time.ts";
import { withRedis } from "../servers.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

interface BookOptions extends JsonOption {
  at?: number;
  battery?: number;
  target: number;
}

/** The booking process takes up to 10 s until a booking is durable. */
const ANSWER_MS = 12_000;

export function addBook(program: Command, terminal: Terminal): void {
  withJson(program.command("book"), {
    example: "book CAR-001 S-12 --at +30m --target 70",
    json: "{booked, booking_id, car_id, station_id, connector_id, state, start, end, kwh, price_per_kwh, message}",
  })
    .description("books a charging slot for a car at a station")
    .argument("<car>", "its id", id)
    .argument("<station>", "its id", id)
    .option(
      "--at <time>",
      "when it arrives: +30m, or 2026-06-01T20:15Z; as soon as it gets there when left out",
      momentOrAhead,
    )
    .option("--battery <percent>", "its charge on arrival; as it reported last when left out", percent)
    .addOption(new Option("--target <percent>", "to be charged to").argParser(percent).default(80))
    .action((carId: string, stationId: string, options: BookOptions) => book(carId, stationId, options, terminal));
}

async function book(carId: string, stationId: string, options: BookOptions, terminal: Terminal): Promise<void> {
  const config = readConfig(terminal.env);
  const request = {
    car_id: carId,
    station_id: stationId,
    expected_arrival: options.at ?? 0,
    battery_level: options.battery ?? (await reportedBattery(config, carId)),
    target_level: options.target,
  };
  const told = await callBooking<BookingResponse__Output>(
    config,
    (client, token, terms, done) => client.RequestBooking(request, token, terms, done),
    ANSWER_MS,
  );
  const isBooked = told.status === BookingStatus.BOOKING_CONFIRMED;
  await answer(terminal, options, asJson(told, isBooked), () => (isBooked ? asText(told) : ""));
  if (!isBooked) throw new Failure(`not booked: ${told.message}`);
}

async function reportedBattery(config: CliConfig, carId: string): Promise<number> {
  const state = await withRedis(config, (redis) => carState(redis, carId));
  if (state === undefined) throw new Failure(`car ${carId} has not reported its charge: --battery says it`);
  return state.batteryPercent;
}

const STATE_NAMES = new Map<number, string>(Object.entries(WireBookingState).map(([name, number]) => [number, name]));

const asJson = (told: BookingResponse__Output, booked: boolean) => ({
  booked,
  booking_id: told.booking_id,
  car_id: told.car_id,
  station_id: told.station_id,
  connector_id: told.connector_id,
  state: STATE_NAMES.get(told.state) ?? null,
  start: told.start,
  end: told.end,
  kwh: told.kwh,
  price_per_kwh: told.price_rate,
  message: told.message,
});

function asText(told: BookingResponse__Output): string {
  const waitMs = told.start - Date.now();
  return `booked for ${escaped(told.car_id)}\n${factLines([
    ["booking", told.booking_id],
    ["at", `${told.station_id}, connector ${told.connector_id}`],
    ["from", `${slotTime(told.start)}, ${waitMs > 0 ? `in ${span(waitMs)}` : "now"}`],
    ["until", slotTime(told.end)],
    ["energy", energyText({ kwh: told.kwh, pricePerKwh: told.price_rate })],
  ])}`;
}
