import { expect, test } from "vitest";
import { ALLOWED_TRANSITIONS, BOOKING_STATES, isActive, mayBecome } from "../src/index.ts";

test("a booking becomes only what OCPI's Bookings module lets it become", () => {
  const froms = ["BORN", ...BOOKING_STATES] as const;
  const allowed = froms.flatMap((from) =>
    BOOKING_STATES.filter((to) => mayBecome(from, to)).map((to) => `${from} ${to}`),
  );
  expect(allowed).toEqual([
    "BORN PENDING",
    "BORN RESERVED",
    "BORN REJECTED",
    "BORN FAILED",
    "PENDING RESERVED",
    "PENDING REJECTED",
    "PENDING FAILED",
    "RESERVED FULFILLED",
    "RESERVED CANCELED",
    "RESERVED NO_SHOW",
  ]);
});

test("a booking that keeps its connector is one that may still change, or whose car is there", () => {
  const kept = BOOKING_STATES.filter((state) => ALLOWED_TRANSITIONS[state].length > 0 || state === "FULFILLED");
  expect(BOOKING_STATES.filter(isActive)).toEqual(kept);
});
