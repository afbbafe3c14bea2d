import { TOPICS } from "@greenlane/contracts";
import { countSilentCars, silentCars } from "@greenlane/redis";
import { type Command, Option } from "commander";
import { duration, limitOption, withJson } from "../arguments.ts";
import { readConfig } from "../config.ts";
import { type Connection, connectionJson, recentConnections } from "../connection.ts";
import { andMore, type Column, table } from "../format/table.ts";
import { instant, span } from "../format/time.ts";
import { withReader, withRedis } from "../servers.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

interface Silent {
  carId: string;
  lastSeenMs: number;
  silentMs: number;
  connection: Connection;
}

interface SilentOptions extends JsonOption {
  for: number;
  limit: number;
}

export function addFleetSilent(fleet: Command, terminal: Terminal): void {
  withJson(fleet.command("silent"), {
    example: "fleet silent --for 60s",
    json: `{cars: [{car_id, timestamp, silent_ms, connection: {status: "connected"|"disconnected"|"unknown", since, reason, instance}}], more}, longest silent first`,
  })
    .description("cars that stopped reporting, and whether they left or only fell silent")
    .addOption(new Option("--for <time>", "for at least so long").argParser(duration).default(60_000, "60s"))
    .addOption(limitOption())
    .action((options: SilentOptions) => fleetSilent(options, terminal));
}

async function fleetSilent(options: SilentOptions, terminal: Terminal): Promise<void> {
  const config = readConfig(terminal.env);
  const nowMs = Date.now();
  const beforeMs = nowMs - options.for;
  const [known, connections] = await Promise.allSettled([
    withRedis(config, async (redis) => ({
      cars: await silentCars(redis, beforeMs, options.limit),
      total: await countSilentCars(redis, beforeMs),
    })),
    withReader(config, TOPICS.fleetConnectivity, recentConnections),
  ]);
  if (known.status === "rejected") throw known.reason;
  const connectionOfCar = connections.status === "fulfilled" ? connections.value : new Map<string, Connection>();
  const cars = known.value.cars.map(
    ({ carId, lastSeenMs }): Silent => ({
      carId,
      lastSeenMs,
      silentMs: nowMs - lastSeenMs,
      connection: connectionOfCar.get(carId) ?? { status: "unknown" },
    }),
  );
  const more = Math.max(0, known.value.total - cars.length);
  await answer(terminal, options, { cars: cars.map(asJson), more }, () => asText(cars, more));
  if (connections.status === "rejected") throw connections.reason;
}

const asJson = ({ carId, lastSeenMs, silentMs, connection }: Silent) => ({
  car_id: carId,
  timestamp: lastSeenMs,
  silent_ms: silentMs,
  connection: connectionJson(connection),
});

function connectionText(connection: Connection): string {
  if (connection.status === "unknown") return "unknown";
  return connection.status === "connected" ? "connected, says nothing" : `disconnected: ${connection.reason}`;
}

const COLUMNS: Column<Silent>[] = [
  { title: "CAR", cell: ({ carId }) => carId },
  { title: "LAST REPORT", cell: ({ lastSeenMs }) => instant(lastSeenMs) },
  { title: "CONNECTION", cell: ({ connection }) => connectionText(connection) },
  { title: "SILENT FOR", cell: ({ silentMs }) => span(silentMs) },
];

function asText(cars: Silent[], more: number): string {
  return cars.length === 0 ? "no car is silent\n" : table(COLUMNS, cars) + andMore(more);
}
