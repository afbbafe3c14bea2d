/** A stretch of a connector's time that somebody has, Unix ms. */
export interface TakenTime {
  start: number;
  end: number;
  /** For an offer that is not accepted yet. */
  held: boolean;
}

/** So many signs are one connector's time. */
const SIGNS = 48;
/** Between two times that are written over the signs. */
const SIGNS_A_TIME = 12;

const SIGN = { booked: "█", held: "▒", free: "·", outOfOrder: "x" } as const;

const HOUR_MS = 3_600_000;

/** The time that a timeline shows. */
export interface TimelineSpan {
  /** Unix ms. */
  fromMs: number;
  hours: number;
}

const signMs = ({ hours }: TimelineSpan) => (hours * HOUR_MS) / SIGNS;

/** What the signs mean. A free one is free in whole. */
export function legend(span: TimelineSpan): string {
  const minutes = signMs(span) / 60_000;
  return `Next ${span.hours} h (UTC), a sign is ${minutes} min: ${SIGN.booked} booked, ${SIGN.held} held, ${SIGN.free} free, ${SIGN.outOfOrder} out of order`;
}

/** The times over the signs, UTC. */
export function timeMarks(span: TimelineSpan): string {
  const marks = Array.from({ length: SIGNS / SIGNS_A_TIME }, (_, n) => {
    const atMs = span.fromMs + n * SIGNS_A_TIME * signMs(span);
    return new Date(atMs).toISOString().slice(11, 16).padEnd(SIGNS_A_TIME);
  });
  return marks.join("").trimEnd();
}

/** A connector's time, a sign for each stretch of it. */
export function bar(taken: TakenTime[], span: TimelineSpan, outOfOrder: boolean): string {
  const lengthMs = signMs(span);
  return Array.from({ length: SIGNS }, (_, n) => {
    const fromMs = span.fromMs + n * lengthMs;
    const within = taken.filter(({ start, end }) => start < fromMs + lengthMs && end > fromMs);
    if (within.some(({ held }) => !held)) return SIGN.booked;
    if (within.length > 0) return SIGN.held;
    return outOfOrder ? SIGN.outOfOrder : SIGN.free;
  }).join("");
}
