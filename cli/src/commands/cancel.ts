import type { Booking__Output } from "@greenlane/contracts";
import type { Command } from "commander";
import { id, withJson } from "../arguments.ts";
import { callBooking } from "../bookingService.ts";
import { readConfig } from "../config.ts";
import { slotTime } from "../format/booking.ts";
import { escaped } from "../format/escape.ts";
import { factLines } from "../format/facts.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

interface CancelOptions extends JsonOption {
  reason?: string;
}

export function addCancel(program: Command, terminal: Terminal): void {
  withJson(program.command("cancel"), {
    example: 'cancel 1f0c7a52-… --reason "the car is in the workshop"',
    json: "{booking_id, car_id, station_id, connector_id, start, end, message}",
  })
    .description("cancels a booking; its slot is free at once, and its car is told")
    .argument("<booking>", "its id", id)
    .option("--reason <text>", "why", id)
    .action((bookingId: string, options: CancelOptions) => cancel(bookingId, options, terminal));
}

async function cancel(bookingId: string, options: CancelOptions, terminal: Terminal): Promise<void> {
  const request = { booking_id: bookingId, reason: options.reason ?? "" };
  const canceled = await callBooking<Booking__Output>(readConfig(terminal.env), (client, token, terms, done) =>
    client.CancelBooking(request, token, terms, done),
  );
  await answer(terminal, options, asJson(canceled), () => asText(canceled));
}

const asJson = ({ booking_id, car_id, station_id, connector_id, start, end, message }: Booking__Output) => ({
  ...{ booking_id, car_id, station_id, connector_id, start, end, message },
});

const asText = (canceled: Booking__Output) =>
  `canceled ${escaped(canceled.booking_id)}\n${factLines([
    ["car", canceled.car_id],
    ["was at", `${canceled.station_id}, connector ${canceled.connector_id}`],
    ["from", slotTime(canceled.start)],
    ["until", slotTime(canceled.end)],
    ["why", canceled.message],
  ])}`;
