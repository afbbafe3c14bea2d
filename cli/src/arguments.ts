import { BOOKING_STATES, type BookingState, type Point } from "@greenlane/domain";
import { type Command, InvalidArgumentError, Option } from "commander";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function numberBetween(text: string, min: number, max: number, unit: string): number {
  const value = Number(text);
  if (!NUMBER.test(text) || !(value >= min && value <= max)) {
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}${unit}.`);
  }
  return value;
}

/** Half the Earth's circumference: no two places are further apart. */
const MAX_KM = 20_038;
/** Redis GEO holds no place beyond it. */
const MAX_MAP_LATITUDE = 85.05112878;

export const latitude = (text: string) => numberBetween(text, -90, 90, " degrees");
export const mapLatitude = (text: string) => numberBetween(text, -MAX_MAP_LATITUDE, MAX_MAP_LATITUDE, " degrees");
export const longitude = (text: string) => numberBetween(text, -180, 180, " degrees");
export const kilometres = (text: string) => numberBetween(text, 0, MAX_KM, " km");
/** The booking process looks no further. */
const MAX_RADIUS_KM = 500;
export const radius = (text: string) => numberBetween(text, 0.001, MAX_RADIUS_KM, " km");
export const percent = (text: string) => numberBetween(text, 0, 100, " %");

export function place(text: string): Point {
  const [lat, lon, ...rest] = text.split(",");
  if (lat === undefined || lon === undefined || rest.length > 0) {
    throw new InvalidArgumentError("It must be LAT,LON.");
  }
  return { latitude: mapLatitude(lat), longitude: longitude(lon) };
}

/** A circle on the map. */
export interface Circle {
  latitude: number;
  longitude: number;
  km: number;
}

export function circle(text: string): Circle {
  const [lat, lon, km, ...rest] = text.split(",");
  if (lat === undefined || lon === undefined || km === undefined || rest.length > 0) {
    throw new InvalidArgumentError("It must be LAT,LON,KM.");
  }
  return { latitude: latitude(lat), longitude: longitude(lon), km: kilometres(km) };
}

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function spanOf(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return amount === undefined || unit === undefined ? undefined : Number(amount) * (UNITS_MS[unit] ?? 0);
}

/** A span of time, ms. */
export function duration(text: string): number {
  const ms = spanOf(text);
  if (ms === undefined) throw new InvalidArgumentError("It must be a time such as 60s, 5m, 2h or 1d.");
  return ms;
}

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** A time with its zone, or so long ago, Unix ms; NaN for what is neither. */
function momentOf(text: string): number {
  const ago = spanOf(text);
  if (ago !== undefined) return Date.now() - ago;
  return ISO.test(text) ? Date.parse(text) : Number.NaN;
}

/** A moment, Unix ms: a date, a time with its zone, or so long ago. */
export function moment(text: string): number {
  const ms = momentOf(text);
  if (Number.isNaN(ms)) {
    throw new InvalidArgumentError("It must be so long ago, such as 2h, or a time such as 2026-06-01T20:15Z.");
  }
  return ms;
}

/** A moment that may be ahead, Unix ms: as `moment`, or so long from now. */
export function momentOrAhead(text: string): number {
  const ahead = text.startsWith("+") ? spanOf(text.slice(1)) : undefined;
  const ms = ahead === undefined ? momentOf(text) : Date.now() + ahead;
  if (Number.isNaN(ms)) {
    throw new InvalidArgumentError(
      "It must be so long from now, such as +2h, so long ago, such as 2h, or a time such as 2026-06-01T20:15Z.",
    );
  }
  return ms;
}

/** Booking states, by comma. */
export function bookingStates(text: string): BookingState[] {
  return text.split(",").map((name) => {
    const state = BOOKING_STATES.find((each) => each === name.trim().toUpperCase());
    if (state === undefined) throw new InvalidArgumentError(`It must be of ${BOOKING_STATES.join(", ")}.`);
    return state;
  });
}

/** A whole number of things to show. */
export function count(min: number, max: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < min || Number(text) > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return Number(text);
  };
}

export function id(text: string): string {
  if (text === "") throw new InvalidArgumentError("It must not be empty.");
  return text;
}

/** What is said of a command in its --help beyond its arguments. */
interface Help {
  example: string;
  /** The shape of what --json prints. */
  json: string;
}

/** Gives a command its --json, its example and the shape of its JSON. */
export function withJson(command: Command, { example, json }: Help): Command {
  return command
    .option("--json", "as JSON; times are Unix ms")
    .addHelpText("after", `\nExample: greenlane ${example}\n\nJSON: ${json}`);
}

export const limitOption = () => new Option("--limit <n>", "rows at the most").argParser(count(1, 10_000)).default(50);
