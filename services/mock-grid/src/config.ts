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
  /** Faults, for tests of those who depend on the grid; refused in production. */
  FAULT_LATENCY_MS: durationMs(0, { min: 0, max: 60_000 }),
  /** Share of requests answered 500. */
  FAULT_ERROR_RATE: z.coerce.number().min(0).max(1).default(0),
  /** Every request is answered 503. */
  FAULT_OUTAGE: flag(false),
  /** Requests are taken and never answered. */
  FAULT_HANG: flag(false),
  /** Requests are answered 200 with what is no price. */
  FAULT_NONSENSE: flag(false),
};

const FAULTS = ["FAULT_LATENCY_MS", "FAULT_ERROR_RATE", "FAULT_OUTAGE", "FAULT_HANG", "FAULT_NONSENSE"] as const;

export type MockGridConfig = ReturnType<typeof loadConfig<typeof mockGridEnv>>;

/** @throws also when production is to misbehave */
export function readConfig(env: Record<string, string | undefined> = process.env): MockGridConfig {
  return loadConfig(mockGridEnv, env, (given) =>
    given.NODE_ENV === "production"
      ? FAULTS.filter((name) => !["0", "false", undefined].includes(given[name])).map(
          (name) => `${name}: faults are for tests and refused in production`,
        )
      : [],
  );
}
