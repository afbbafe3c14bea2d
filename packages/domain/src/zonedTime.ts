/** The wall clock of a place at a moment. */
export interface ZonedTime {
  /** 0 Sunday … 6 Saturday. */
  weekday: number;
  /** 0 … 23 */
  hour: number;
  /** 0 … 59 */
  minute: number;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** A clock for an IANA time zone, daylight saving included. @throws RangeError when there is no such zone */
export function zonedClock(timeZone: string): (atMs: number) => ZonedTime {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  });
  return (atMs) => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    return {
      weekday: WEEKDAYS.indexOf(parts.get("weekday") ?? ""),
      hour: Number(parts.get("hour")),
      minute: Number(parts.get("minute")),
    };
  };
}
