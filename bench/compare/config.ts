import { loadConfig, wholeNumber } from "@greenlane/runtime";
import { z } from "zod";

/** What `make bench-compare` reads from its environment. */
export const compareEnv = {
  /** A run's JSON; left out: the newest of bench/results, other than RUN. */
  BASELINE: z.string().optional(),
  /** A run's JSON; left out: a new, quick run is made. */
  RUN: z.string().optional(),
  /** The ratio to the floor may fall by so much, %. */
  TOLERANCE: wholeNumber(20, { min: 1, max: 99 }),
};

/** @throws ConfigError */
export const readCompareConfig = (env: Record<string, string | undefined> = process.env) => loadConfig(compareEnv, env);
