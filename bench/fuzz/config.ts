import { randomInt } from "node:crypto";
import { loadConfig, wholeNumber } from "@greenlane/runtime";
import { z } from "zod";
import { TARGETS } from "./targets.ts";

const MAX_SEED = 2 ** 31 - 1;
const NAMES = TARGETS.map(({ name }) => name);

/** What `make fuzz` reads from its environment. */
export const fuzzEnv = {
  /** One target; left out: all, one after the other. */
  TARGET: z.enum(NAMES, `must be one of ${NAMES.join(", ")}`).optional(),
  /** For how long each target is given inputs. */
  MINUTES: z.coerce.number("must be a number of minutes").min(0.01).max(1_440).default(1),
  /** Inputs of each target at the most. */
  RUNS: wholeNumber(100_000_000, { min: 1, max: 100_000_000 }),
  SEED: wholeNumber(randomInt(MAX_SEED), { min: 0, max: MAX_SEED }),
  /** The one input of SEED that a report names, instead of all. */
  REPLAY: z
    .string()
    .regex(/^\d+(:\d+)*$/, "must be as a report names it, such as 12:0:3")
    .optional(),
};

export type FuzzConfig = ReturnType<typeof readFuzzConfig>;

/** @throws ConfigError */
export const readFuzzConfig = (env: Record<string, string | undefined> = process.env) =>
  loadConfig(fuzzEnv, env, ({ REPLAY, TARGET, SEED }) =>
    REPLAY !== undefined && (TARGET === undefined || SEED === undefined)
      ? ["REPLAY: is an input of one TARGET and SEED, which must be given"]
      : [],
  );
