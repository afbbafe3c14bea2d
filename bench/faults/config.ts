import { loadConfig, wholeNumber } from "@greenlane/runtime";
import { beginnings, onOff } from "../switches.ts";
import { FAULTS } from "./faults.ts";

/** What `make chaos` reads from its environment. */
export const chaosEnv = {
  /** Names of faults, or beginnings of names, separated by commas; all when left out. */
  ONLY: beginnings(
    "faults",
    FAULTS.map(({ name }) => name),
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
