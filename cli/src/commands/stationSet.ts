import { ConnectorStatus, type Station__Output } from "@greenlane/contracts";
import { type Command, Option } from "commander";
import { id, withJson } from "../arguments.ts";
import { callBooking } from "../bookingService.ts";
import { readConfig } from "../config.ts";
import { type Connector, connectorStatusText, STATION_JSON, stationJson } from "../format/station.ts";
import { type Column, table } from "../format/table.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

const STATUSES = { "out-of-order": ConnectorStatus.OUT_OF_ORDER, available: ConnectorStatus.AVAILABLE } as const;

interface SetOptions extends JsonOption {
  connector?: string;
  status: keyof typeof STATUSES;
}

export function addStationSet(station: Command, terminal: Terminal): void {
  withJson(station.command("set"), {
    example: "station set S-12 --connector 2 --status out-of-order",
    json: `{${STATION_JSON}, status: [{connector_id, status}]}`,
  })
    .description("takes a station or a connector out of order, or back; what is booked there is renegotiated at once")
    .argument("<station>", "its id", id)
    .option("--connector <id>", "only this connector", id)
    .addOption(
      new Option("--status <status>", "what it is from now on").choices(Object.keys(STATUSES)).makeOptionMandatory(),
    )
    .action((stationId: string, options: SetOptions) => stationSet(stationId, options, terminal));
}

async function stationSet(stationId: string, options: SetOptions, terminal: Terminal): Promise<void> {
  const request = { station_id: stationId, connector_id: options.connector ?? "", status: STATUSES[options.status] };
  const station = await callBooking<Station__Output>(readConfig(terminal.env), (client, token, terms, done) =>
    client.SetStationStatus(request, token, terms, done),
  );
  const status = station.connectors.map((connector) => ({
    connector_id: connector.connector_id,
    status: connectorStatusText(connector),
  }));
  await answer(terminal, options, { ...stationJson(station, Date.now()), status }, () =>
    table(COLUMNS, station.connectors),
  );
}

const COLUMNS: Column<Connector>[] = [
  { title: "CONNECTOR", cell: ({ connector_id }) => connector_id },
  { title: "KW", cell: ({ power_kw }) => power_kw, align: "right" },
  { title: "PLUG", cell: ({ connector_type }) => connector_type },
  { title: "STATUS", cell: connectorStatusText },
  { title: "BOOKED", cell: ({ taken }) => taken.filter(({ held }) => !held).length, align: "right" },
];
