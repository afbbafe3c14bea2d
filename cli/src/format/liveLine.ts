import type { Telemetry } from "@greenlane/contracts";
import type { ChalkInstance } from "chalk";
import { escaped } from "./escape.ts";

const GOOD_FROM_PERCENT = 50;
const LOW_BELOW_PERCENT = 20;
export const CRITICAL_BELOW_PERCENT = 15;

/** Every so many events a rule is drawn. */
export const EVENTS_A_RULE = 10;
export const RULE = "─".repeat(94);

export function banner(chalk: ChalkInstance): string {
  const rule = "═".repeat(42);
  return [rule, chalk.bold("  GreenLane Live Ops CLI"), "  Real-Time Fleet Monitoring", rule].join("\n");
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** How each line begins: when, a sign, and whose it is. The time is local. */
export const liveHead = (timestampMs: number, sign: string, carId: string) =>
  `[${clock.format(timestampMs)}] ${sign} ${escaped(carId).padEnd(10)}`;

/** The charge as it is shown. Lights and warnings go by it, so that a line never contradicts itself. */
const shownPercent = (t: Telemetry) => Math.round(t.batteryPercent * 10) / 10;

export const isCritical = (t: Telemetry) => shownPercent(t) < CRITICAL_BELOW_PERCENT;

/** One report as an operator reads it. */
export function liveLine(t: Telemetry, chalk: ChalkInstance): string {
  const percent = shownPercent(t);
  const light = percent >= GOOD_FROM_PERCENT ? "🟢" : percent >= LOW_BELOW_PERCENT ? "🟡" : "🔴";
  const paint = percent >= GOOD_FROM_PERCENT ? chalk.green : percent >= LOW_BELOW_PERCENT ? chalk.yellow : chalk.red;
  const battery = paint(`${percent.toFixed(1).padStart(5)}%`);
  const place = `(${t.latitude.toFixed(4)}, ${t.longitude.toFixed(4)})`;
  const speed = `${t.velocityKmh.toFixed(1).padStart(4)} km/h`;
  const warning = isCritical(t) ? chalk.bold.red(" ⚠️  CRITICAL BATTERY!") : "";
  return `${liveHead(t.timestampMs, light, t.carId)} | Battery: ${battery} | Location: ${place} | Speed: ${speed}${warning}`;
}
