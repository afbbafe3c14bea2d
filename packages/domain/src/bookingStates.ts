/** The states of a booking, as OCPI's Bookings module names them. */
export const BOOKING_STATES = [
  "PENDING",
  "RESERVED",
  "REJECTED",
  "FAILED",
  "FULFILLED",
  "CANCELED",
  "NO_SHOW",
] as const;

export type BookingState = (typeof BOOKING_STATES)[number];

/** What a booking may become, from each state, and from none: how it may be born. The database refuses all else. */
export const ALLOWED_TRANSITIONS: Readonly<Record<BookingState | "BORN", readonly BookingState[]>> = {
  BORN: ["PENDING", "RESERVED", "REJECTED", "FAILED"],
  PENDING: ["RESERVED", "REJECTED", "FAILED"],
  RESERVED: ["FULFILLED", "CANCELED", "NO_SHOW"],
  REJECTED: [],
  FAILED: [],
  FULFILLED: [],
  CANCELED: [],
  NO_SHOW: [],
};

/** Whether a booking in a state, or one that is yet to be born, may become another. Staying as it is is no transition. */
export function mayBecome(from: BookingState | "BORN", to: BookingState): boolean {
  return ALLOWED_TRANSITIONS[from].includes(to);
}

const ACTIVE_STATES: readonly BookingState[] = ["PENDING", "RESERVED", "FULFILLED"];

/** Whether a booking in that state keeps its connector for its slot: a car that has checked in does. */
export function isActive(state: BookingState): boolean {
  return ACTIVE_STATES.includes(state);
}
