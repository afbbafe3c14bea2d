import { type Telemetry, telemetryFault } from "@greenlane/contracts";

export interface EventTimeLimits {
  MAX_EVENT_AGE_MS: number;
  MAX_EVENT_AHEAD_MS: number;
}

/** The first rule that a report breaks, its time judged by this process's clock too; null when it breaks none. */
export function reportFault(report: Telemetry, nowMs: number, limits: EventTimeLimits): string | null {
  return telemetryFault(report) ?? timeFault(report.timestampMs, nowMs, limits);
}

function timeFault(timestampMs: number, nowMs: number, limits: EventTimeLimits): string | null {
  if (timestampMs < nowMs - limits.MAX_EVENT_AGE_MS) return `timestamp is older than ${limits.MAX_EVENT_AGE_MS} ms`;
  if (timestampMs > nowMs + limits.MAX_EVENT_AHEAD_MS)
    return `timestamp is more than ${limits.MAX_EVENT_AHEAD_MS} ms ahead`;
  return null;
}
