/** The last moment that a date can name, Unix ms. */
export const MAX_TIME_MS = 8.64e15;

/** A moment (Unix ms) in ISO 8601, UTC; "?" for what is none. */
export function instant(ms: number | undefined): string {
  return ms !== undefined && Math.abs(ms) <= MAX_TIME_MS ? new Date(ms).toISOString() : "?";
}

const UNITS: [name: string, seconds: number][] = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
];

/** A span of time in its two largest units: 45s, 12m 5s, 3d 4h. */
export function span(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1000));
  const parts: string[] = [];
  for (const [name, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0 || (name === "s" && parts.length === 0)) parts.push(`${count}${name}`);
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}
