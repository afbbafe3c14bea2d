import { loadConfig, silentLogger } from "@greenlane/runtime";
import { type Database, databaseEnv, openDatabase, recentPrices, recentSessions } from "@greenlane/timescale";
import type { Printout } from "../format/printout.ts";

const LIMIT = 50;

async function withDatabase<Result>(ask: (database: Database) => Promise<Result>): Promise<Result> {
  const database = openDatabase(loadConfig(databaseEnv).DATABASE_URL, silentLogger);
  try {
    return await ask(database);
  } finally {
    await database.end();
  }
}

/** The prices used, newest first. */
export const prices = (): Promise<Printout> =>
  withDatabase(async (database) => ({
    rows: (await recentPrices(database, LIMIT)).map((p) => ({
      from: p.validFrom.toISOString(),
      until: p.validUntil.toISOString(),
      "$/kWh": p.pricePerKwh.toFixed(4),
      load: p.gridLoad,
      source: p.energySource,
    })),
    nothing: "no price was used yet",
  }));

/** Charging sessions, newest first. */
export const sessions = (filter: { station?: string; car?: string; since?: number }): Promise<Printout> =>
  withDatabase(async (database) => ({
    rows: (
      await recentSessions(database, {
        stationId: filter.station,
        carId: filter.car,
        sinceMs: filter.since,
        limit: LIMIT,
      })
    ).map((s) => ({
      session: s.sessionId,
      station: s.stationId,
      car: s.carId,
      started: s.startedAt.toISOString(),
      last: s.lastAt.toISOString(),
      kWh: s.kwh.toFixed(3),
      cost: `$${s.cost.toFixed(2)}`,
    })),
    nothing: "no charging session matches",
  }));
