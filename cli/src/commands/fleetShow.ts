import { encodeTelemetry, type Telemetry, TOPICS } from "@greenlane/contracts";
import { type CarState, carState } from "@greenlane/redis";
import { recentReports } from "@greenlane/timescale";
import { type Command, Option } from "commander";
import { count, id, withJson } from "../arguments.ts";
import { readConfig } from "../config.ts";
import { type Connection, connectionJson, connectionOfCar } from "../connection.ts";
import { Failure } from "../failures.ts";
import { batteryText, CAR_STATE_JSON, carStateJson, placeText, speedText } from "../format/carState.ts";
import { escaped } from "../format/escape.ts";
import { type Fact, factLines } from "../format/facts.ts";
import { type Column, table } from "../format/table.ts";
import { instant, span } from "../format/time.ts";
import { withDatabase, withReader, withRedis } from "../servers.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

interface ShowOptions extends JsonOption {
  events: number;
}

/** What is known of a car; a part whose server did not answer is undefined. */
interface Shown {
  carId: string;
  state: CarState | undefined;
  connection: Connection | undefined;
  events: Telemetry[] | undefined;
}

export function addFleetShow(fleet: Command, terminal: Terminal): void {
  withJson(fleet.command("show"), {
    example: "fleet show CAR-001",
    json: `{car_id, state: {${CAR_STATE_JSON}}|null, connection: {status: "connected"|"disconnected"|"unknown", since, reason, instance}|null, events: [as in live --json]|null}, newest event first`,
  })
    .description("a car's state, connection and last events")
    .argument("<car>", "its id", id)
    .addOption(new Option("-n, --events <n>", "how many of its last events").argParser(count(0, 1_000)).default(10))
    .action((carId: string, options: ShowOptions) => fleetShow(carId, options, terminal));
}

async function fleetShow(carId: string, options: ShowOptions, terminal: Terminal): Promise<void> {
  const config = readConfig(terminal.env);
  const [state, connection, events] = await Promise.allSettled([
    withRedis(config, (redis) => carState(redis, carId)),
    withReader(config, TOPICS.fleetConnectivity, (reader) => connectionOfCar(reader, carId)),
    withDatabase(config, (database) => recentReports(database, carId, options.events)),
  ]);
  const shown: Shown = { carId, state: fulfilled(state), connection: fulfilled(connection), events: fulfilled(events) };
  const failures = [state, connection, events].flatMap((part) => (part.status === "rejected" ? [part.reason] : []));
  if (failures.length === 3) throw failures[0];
  const isKnown =
    shown.state !== undefined ||
    (shown.events ?? []).length > 0 ||
    (shown.connection?.status ?? "unknown") !== "unknown";
  if (isKnown) await answer(terminal, options, asJson(shown), () => asText(shown));
  for (const failure of failures) throw failure;
  if (!isKnown) throw new Failure(`no car ${carId} is known`);
}

const fulfilled = <Value>(part: PromiseSettledResult<Value>): Value | undefined =>
  part.status === "fulfilled" ? part.value : undefined;

const asJson = ({ carId, state, connection, events }: Shown) => ({
  car_id: carId,
  state: state === undefined ? null : carStateJson(state),
  connection: connection === undefined ? null : connectionJson(connection),
  events: events?.map((event) => JSON.parse(encodeTelemetry(event)) as object) ?? null,
});

function asText({ carId, state, connection, events }: Shown): string {
  const facts: Fact[] = [
    ...(state === undefined ? [["state", "not in Redis"] as const] : stateFacts(state)),
    ["connection", connection === undefined ? "?" : connectionText(connection)],
  ];
  return `${escaped(carId)}\n${factLines(facts)}${events === undefined ? "" : eventsText(events)}`;
}

function stateFacts(state: CarState): Fact[] {
  const facts: Fact[] = [
    ["battery", batteryText(state.batteryPercent)],
    ["speed", speedText(state.velocityKmh)],
    ["place", placeText(state.latitude, state.longitude)],
    ["odometer", `${state.odometerKm.toFixed(1)} km`],
  ];
  if (state.sessionId !== "") facts.push(["charging", chargingText(state)]);
  facts.push(["last report", `${instant(state.timestampMs)}, ${span(Date.now() - state.timestampMs)} ago`]);
  return facts;
}

const chargingText = (at: { chargingStationId: string; sessionId: string; energyKwh: number }) =>
  at.sessionId === "" ? "" : `${at.energyKwh.toFixed(3)} kWh at ${at.chargingStationId}, session ${at.sessionId}`;

function connectionText(connection: Connection): string {
  if (connection.status === "unknown") return "unknown: it neither came nor went lately";
  const { status, sinceMs, reason, instance } = connection;
  return `${status} since ${instant(sinceMs)}: ${reason}, at instance ${instance}`;
}

const COLUMNS: Column<Telemetry>[] = [
  { title: "TIME", cell: ({ timestampMs }) => instant(timestampMs) },
  { title: "BATTERY", cell: ({ batteryPercent }) => batteryText(batteryPercent), align: "right" },
  { title: "SPEED", cell: ({ velocityKmh }) => speedText(velocityKmh), align: "right" },
  { title: "PLACE", cell: ({ latitude, longitude }) => placeText(latitude, longitude) },
  { title: "CHARGING", cell: chargingText },
];

function eventsText(events: Telemetry[]): string {
  return events.length === 0 ? "\nno events stored\n" : `\nNewest events\n${table(COLUMNS, events)}`;
}
