import { loadConfig, wholeNumber } from "@greenlane/runtime";
import type { Effort } from "./figures/figure.ts";
import { FIGURES } from "./figures/index.ts";
import { beginnings, onOff } from "./switches.ts";

const DEFAULT_SECONDS = 60;
const DEFAULT_EVENTS = 1_000_000;

/** What `make bench` reads from its environment. */
export const benchEnv = {
  /** Names of figures, or beginnings of names, separated by commas; all when left out. */
  ONLY: beginnings(
    "figures",
    FIGURES.map(({ name }) => name),
  ),
  /** What is sustained goes on for so long, s; other figures take a share of it. */
  SECONDS: wholeNumber(DEFAULT_SECONDS, { min: 1, max: 86_400 }),
  /** Of the backlog that a worker drains. */
  EVENTS: wholeNumber(DEFAULT_EVENTS, { min: 1_000, max: 100_000_000 }),
  /** Also the figures that take minutes. */
  FULL: onOff(),
  /** Prints one JSON document instead of the table. */
  JSON: onOff(),
};

export type BenchConfig = ReturnType<typeof readBenchConfig>;

/** @throws ConfigError */
export const readBenchConfig = (env: Record<string, string | undefined> = process.env) => loadConfig(benchEnv, env);

/** A piece of each side of a comparison is a fifteenth of what is sustained, within these, s. */
const PIECE_SHARE = 1 / 15;
const PIECE_S = { min: 0.5, max: 4 };
const TABLE_ROWS = 10_000_000;

export function effortOf({ SECONDS: seconds, EVENTS: events }: Pick<BenchConfig, "SECONDS" | "EVENTS">): Effort {
  return {
    pieceSeconds: Math.min(PIECE_S.max, Math.max(PIECE_S.min, seconds * PIECE_SHARE)),
    sustainedSeconds: seconds,
    backlogEvents: events,
    tableRows: TABLE_ROWS,
  };
}

/** Whether nothing was left out or cut short, so that the run can stand for the product. */
export const isWhole = ({ ONLY: only, SECONDS: seconds, EVENTS: events }: BenchConfig): boolean =>
  only.length === 0 && seconds >= DEFAULT_SECONDS && events >= DEFAULT_EVENTS;
