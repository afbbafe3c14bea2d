import { PORTS } from "@greenlane/contracts";
import { durationMs, flag, loadConfig, port, processEnv } from "@greenlane/runtime";
import { z } from "zod";

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** What mock-grid reads from its environment. */
export const mockGridEnv = {
  ...processEnv,
  PORT: port(PORTS.mockGrid),
  GRID_TIME_ZONE: z.string().default("America/New_York").refine(isTimeZone, "must be an IANA time zone"),
  /** synthetic: a smooth day; nyiso: New York City's real prices by weekday and hour. */
  PRICE_PROFILE: z.enum(["synthetic", "nyiso"]).default("synthetic"),
  /** $/kWh added to nyiso's wholesale price. */
  RETAIL_ADDER_PER_KWH: z.coerce.number().min(0).max(10).default(0.08),
  /** Faults for tests; refused in production. */
  FAULT_LATENCY_MS: durationMs(0, { min: 0, max: 60_000 }),
  FAULT_ERROR_RATE: z.coerce.number().min(0).max(1).default(0),
  FAULT_OUTAGE: flag(false),
};

export type MockGridConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError */
export const readConfig = (env: Record<string, string | undefined> = process.env) => loadConfig(mockGridEnv, env);
