import { expect, test } from "vitest";
import { differences, type RunCounts, table } from "../demo/reconciliation.ts";

const even: RunCounts = {
  ...{
    sent: 100,
    acked: 100,
    inLog: 100,
    stored: 100,
    duplicates: 0,
    carsInRedis: 5,
    cars: 5,
    sessions: 1,
    kwh: 1.5,
    cost: 0.3,
  },
  sendToAckMs: { p50: 2, p99: 9 },
  sendToRowMs: { p50: 20, p99: 90 },
  ...{ requests: 2, offers: 2, booked: 2, waitlisted: 0, refused: 0, invitations: 1, invitationsAccepted: 0 },
  requestToOffersMs: { p50: 5, p99: 9 },
  acceptToConfirmedMs: { p50: 5, p99: 9 },
  byState: { FULFILLED: 1, CANCELED: 1 },
  ...{ doubleBookings: 0, bookedSessions: 1, unbookedRows: 0, lockedCost: 0.35, missing: [] },
};

test("a run in which every event arrived everywhere has no difference", () => {
  expect(differences(even)).toEqual([]);
  expect(table(even)).toContain("100");
});

test.each([
  ["acked", 99, "1 of 100 events sent were not acked"],
  ["inLog", 98, "100 events were sent, 98 are in Kafka"],
  ["stored", 97, "100 events are in Kafka, 97 are stored"],
] as const)("a difference at %s is named", (station, count, words) => {
  expect(differences({ ...even, [station]: count }).join("\n")).toContain(words);
});

test.each([
  [{ doubleBookings: 1 }, "1 pairs of bookings keep one connector at one time"],
  [{ unbookedRows: 3 }, "3 rows of charging_sessions belong to no booking of their car"],
  [{ missing: ["b-7"] }, "1 bookings were told as confirmed and are not in the database: b-7"],
])("a booking that is not as it was told is named: %j", (found, words) => {
  expect(differences({ ...even, ...found })).toEqual([words]);
});

test("the table tells of the bookings, by state, and of what their energy cost", () => {
  const rows = table(even)
    .split("\n")
    .map((row) => row.replaceAll(/ {2,}/g, " | "));
  expect(rows).toContain("bookings | 1 FULFILLED, 1 CANCELED");
  expect(rows).toContain("sessions that belong to a booking | 1 of 1");
  expect(rows).toContain("cost at the locked prices | $0.3500");
});

test("a run that sent nothing is no success", () => {
  expect(differences({ ...even, sent: 0, acked: 0, inLog: 0, stored: 0 })).toEqual(["nothing was sent"]);
});
