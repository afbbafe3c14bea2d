import { loadConfig, wholeNumber } from "@greenlane/runtime";
import { z } from "zod";
import { FAULTS } from "./faults.ts";

const onOff = () =>
  z
    .enum(["0", "1"], "must be 0 or 1")
    .default("0")
    .transform((text) => text === "1");

const names = new Set(FAULTS.map(({ name }) => name));

/** What `make chaos` reads from its environment. */
export const chaosEnv = {
  /** Names of faults, or beginnings of names, separated by commas; all when left out. */
  ONLY: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((part) => part !== ""))
    .refine(
      (parts) => parts.every((part) => [...names].some((name) => name.startsWith(part))),
      `must begin names of faults: ${[...names].join(", ")}`,
    ),
  /** How long a fault lasts, s. */
  SECONDS: wholeNumber(15, { min: 1, max: 600 }),
  CARS: wholeNumber(400, { min: 4, max: 10_000 }),
  EVENTS_PER_SECOND: wholeNumber(2_000, { min: 1, max: 100_000 }),
  BOOKINGS_PER_SECOND: wholeNumber(50, { min: 1, max: 5_000 }),
  /** Prints one JSON document instead of the table. */
  JSON: onOff(),
};

export type ChaosConfig = ReturnType<typeof readChaosConfig>;

/** @throws ConfigError */
export const readChaosConfig = (env: Record<string, string | undefined> = process.env) => loadConfig(chaosEnv, env);

/** Whether nothing is left out, cut short or made easier. */
export function isWhole({ ONLY, JSON: _, ...asked }: ChaosConfig): boolean {
  const { ONLY: __, JSON: ___, ...issued } = readChaosConfig({});
  return (
    ONLY.length === 0 && Object.entries(issued).every(([name, value]) => asked[name as keyof typeof asked] >= value)
  );
}
