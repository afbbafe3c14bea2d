import { countSessions, recentSessions, type SessionRow } from "@greenlane/timescale";
import type { Command } from "commander";
import { id, limitOption, moment, withJson } from "../arguments.ts";
import { readConfig } from "../config.ts";
import { andMore, type Column, table } from "../format/table.ts";
import { withDatabase } from "../servers.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

interface SessionsOptions extends JsonOption {
  station?: string;
  car?: string;
  since?: number;
  limit: number;
}

export function addSessions(program: Command, terminal: Terminal): void {
  withJson(program.command("sessions"), {
    example: "sessions --station S-12 --since 2h",
    json: "{sessions: [{session_id, station_id, car_id, started_at, last_at, kwh, cost}], more}, newest first",
  })
    .description("charging sessions, the one that charged last first")
    .option("--station <id>", "at this station", id)
    .option("--car <id>", "of this car", id)
    .option("--since <time>", "that charged since: 2h (ago), or 2026-06-01T20:15Z", moment)
    .addOption(limitOption())
    .action(async ({ station, car, since, ...options }: SessionsOptions) => {
      const filter = { stationId: station, carId: car, sinceMs: since };
      const { sessions, total } = await withDatabase(readConfig(terminal.env), async (database) => ({
        sessions: await recentSessions(database, { ...filter, limit: options.limit }),
        total: await countSessions(database, filter),
      }));
      const more = Math.max(0, total - sessions.length);
      await answer(terminal, options, { sessions: sessions.map(asJson), more }, () => asText(sessions, more));
    });
}

const asJson = (session: SessionRow) => ({
  session_id: session.sessionId,
  station_id: session.stationId,
  car_id: session.carId,
  started_at: session.startedAt.getTime(),
  last_at: session.lastAt.getTime(),
  kwh: session.kwh,
  cost: session.cost,
});

const COLUMNS: Column<SessionRow>[] = [
  { title: "SESSION", cell: ({ sessionId }) => sessionId },
  { title: "STATION", cell: ({ stationId }) => stationId },
  { title: "CAR", cell: ({ carId }) => carId },
  { title: "STARTED", cell: ({ startedAt }) => startedAt.toISOString() },
  { title: "LAST READING", cell: ({ lastAt }) => lastAt.toISOString() },
  { title: "KWH", cell: ({ kwh }) => kwh.toFixed(3), align: "right" },
  { title: "COST", cell: ({ cost }) => `$${cost.toFixed(2)}`, align: "right" },
];

function asText(sessions: SessionRow[], more: number): string {
  return sessions.length === 0 ? "no charging session matches\n" : table(COLUMNS, sessions) + andMore(more);
}
