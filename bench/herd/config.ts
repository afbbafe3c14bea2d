import { loadConfig, wholeNumber } from "@greenlane/runtime";
import { z } from "zod";
import { onOff } from "../switches.ts";

/** What `make herd` reads from its environment. */
export const herdEnv = {
  CARS: wholeNumber(1_000, { min: 1, max: 20_000 }),
  STATIONS: wholeNumber(25, { min: 1, max: 1_000 }),
  /** Of each station. */
  CONNECTORS: wholeNumber(4, { min: 1, max: 100 }),
  /** Cars that ask a second, one after the other; 0: all at once. */
  RATE: wholeNumber(0, { min: 0, max: 10_000 }),
  SEED: wholeNumber(1, { min: 0, max: 2 ** 31 }),
  /** So many herds, one after the other, the first with SEED, each other with the next. */
  SEEDS: wholeNumber(1, { min: 1, max: 1_000 }),
  /** Booking processes. */
  PROCESSES: wholeNumber(2, { min: 1, max: 16 }),
  /** Kills a booking process and empties Redis in the middle. */
  CHAOS: onOff(),
  /** Prints one JSON document instead of the table. */
  JSON: onOff(),
  /** The file that takes the herd and what became of it. */
  OUT: z.string().optional(),
};

export type HerdConfig = ReturnType<typeof loadConfig<typeof herdEnv>>;

/** @throws ConfigError */
export function readHerdConfig(env: Record<string, string | undefined> = process.env): HerdConfig {
  return loadConfig(herdEnv, env, ({ OUT, SEEDS = "1" }) =>
    OUT !== undefined && SEEDS !== "1" ? [`OUT: takes one herd, and SEEDS is ${SEEDS}`] : [],
  );
}
