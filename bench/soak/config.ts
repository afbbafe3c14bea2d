import { loadConfig, wholeNumber } from "@greenlane/runtime";
import { z } from "zod";
import { onOff } from "../switches.ts";

/** What `make soak` reads from its environment. */
export const soakEnv = {
  MINUTES: z.coerce.number("must be a number of minutes").min(0.05).max(10_080).default(60),
  EVENTS_PER_SECOND: wholeNumber(2_000, { min: 1, max: 100_000 }),
  CARS: wholeNumber(1_000, { min: 1, max: 10_000 }),
  /** Prints one JSON document instead of the table. */
  JSON: onOff(),
};

export type SoakConfig = ReturnType<typeof readSoakConfig>;

/** @throws ConfigError */
export const readSoakConfig = (env: Record<string, string | undefined> = process.env) => loadConfig(soakEnv, env);
