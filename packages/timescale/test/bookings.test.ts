import { decodeBookingEvent } from "@greenlane/contracts";
import { BOOKING_STATES, type BookingState, mayBecome } from "@greenlane/domain";
import { until } from "@greenlane/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  bookingsOfRequests,
  bookingsOnOutOfOrder,
  cancelBookings,
  checkIn,
  confirmBookings,
  type Database,
  deleteOutbox,
  endSessions,
  expireNoShows,
  type Fence,
  FenceLost,
  findBooking,
  findBookingOfRequest,
  keptSlots,
  lateBookings,
  listBookings,
  moveBooking,
  putAsideOutbox,
  readOutbox,
  refuseBooking,
  sessionsUnderWay,
  setConnectorStatus,
  standingBookings,
  takeFence,
} from "../src/index.ts";
import { type BookingDatabase, forgetBookings, minute, startBookingDatabase, wanted } from "./bookingDatabase.ts";

let open: BookingDatabase;
let database: Database;
let fence: Fence;
beforeAll(async () => {
  open = await startBookingDatabase();
  database = open.database;
});
afterAll(() => open[Symbol.asyncDispose]());
beforeEach(async () => {
  await forgetBookings(database);
  fence = await takeFence(database, "test");
});

const idsOf = (bookings: { bookingId: string }[]) => bookings.map(({ bookingId }) => bookingId);
const arrive = (carId: string, stationId: string, at: number) =>
  checkIn(database, [{ bookingId: `b-${carId}`, carId, stationId, atMs: minute(at) }]);
const windowMs = 20 * 60_000;
/** Expires all that is late. */
const expire = async () => expireNoShows(database, idsOf(await lateBookings(database, windowMs, 10)), windowMs, fence);
const nothing = { fulfilled: [], waiting: new Set() };
const leave = (carId: string, at: number) =>
  endSessions(database, [{ bookingId: `b-${carId}`, carId, atMs: minute(at) }]);

/** What the outbox tells, in its order. */
async function told() {
  const events = await readOutbox(database, 100, fence);
  return events.map(({ eventId, carId, eventJson }) => {
    const event = decodeBookingEvent(Buffer.from(eventJson));
    expect(event).toMatchObject({ event_id: eventId, car_id: carId });
    return event;
  });
}

/** Moves the slot's start and end back in time, as if the clock had gone on; the outbox forgets that. */
async function goOn(minutes: number) {
  await database.query(
    "UPDATE bookings SET slot = tstzrange(lower(slot) - $1 * interval '1 minute', upper(slot) - $1 * interval '1 minute')",
    [minutes],
  );
  await database.query("TRUNCATE booking_outbox");
}
const aDay = 24 * 60;

describe("the database lets a booking", () => {
  async function write(state: BookingState | "BORN", to: BookingState): Promise<void> {
    await database.query("TRUNCATE bookings");
    const checkedIn = (s: string) => (s === "FULFILLED" ? new Date() : null);
    if (state !== "BORN") {
      // How it came to be in this state is not the question here.
      await database.query("ALTER TABLE bookings DISABLE TRIGGER guard_birth");
      await insert(state, checkedIn(state)).finally(() =>
        database.query("ALTER TABLE bookings ENABLE TRIGGER guard_birth"),
      );
      await database.query("UPDATE bookings SET state = $1, checked_in_at = $2", [to, checkedIn(to)]);
    } else await insert(to, checkedIn(to));
  }
  const insert = (state: BookingState, checkedInAt: Date | null) =>
    database.query(
      `INSERT INTO bookings (booking_id, request_id, car_id, state, station_id, connector_id, slot, kwh, price_per_kwh, request, request_digest, checked_in_at)
       VALUES ('b', 'r', 'A', $1, 'S1', '1', '[2100-01-01, 2100-01-02)', 1, 1, '{}', '', $2)`,
      [state, checkedInAt],
    );

  const refused = { code: "23514", message: expect.stringMatching(/may not (become|be born)/) };
  const pairs = (["BORN", ...BOOKING_STATES] as const).flatMap((from) =>
    BOOKING_STATES.filter((to) => to !== from).map((to) => ({ from, to, allowed: mayBecome(from, to) })),
  );
  test.each(pairs)("that is $from become $to: $allowed", async ({ from, to, allowed }) => {
    if (allowed) await expect(write(from, to)).resolves.toBeUndefined();
    else await expect(write(from, to)).rejects.toMatchObject(refused);
  });
});

test("what has ended stays as it is", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  await cancelBookings(database, [{ bookingId: "b-A" }], "changed its mind");
  await expect(database.query("UPDATE bookings SET reason = 'other'")).rejects.toThrow("stays as it is");
});

test("a canceled booking gives its slot back, once, and says why", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30]), wanted("B", "S1/2", [0, 30])]);
  const canceled = await cancelBookings(
    database,
    [{ bookingId: "b-A" }, { bookingId: "b-nobody" }],
    "changed its mind",
  );
  expect(canceled).toMatchObject([{ bookingId: "b-A", state: "CANCELED", reason: "changed its mind", version: 2 }]);
  expect(await cancelBookings(database, [{ bookingId: "b-A" }], "again")).toEqual([]);
  expect(idsOf(await standingBookings(database))).toEqual(["b-B"]);
  expect((await confirmBookings(database, [wanted("C", "S1/1", [0, 30])]))[0]?.kind).toBe("confirmed");
});

test("a car checks in at the station of its booking, and at no other, where its booking waits for it", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  expect(await arrive("A", "S2", 1)).toEqual({ fulfilled: [], waiting: new Set(["b-A"]) });
  expect(await arrive("B", "S1", 1)).toEqual(nothing);
  expect(await checkIn(database, [{ bookingId: "b-A", carId: "B", stationId: "S1", atMs: minute(1) }])).toEqual(
    nothing,
  );
  const both = ["S2", "S1"].map((stationId) => ({ bookingId: "b-A", carId: "A", stationId, atMs: minute(1) }));
  expect(await checkIn(database, both)).toMatchObject({
    fulfilled: [{ state: "FULFILLED", checkedInAtMs: minute(1) }],
    waiting: new Set(),
  });
  expect(await arrive("A", "S1", 2)).toEqual(nothing);
});

test("a car that plugs in early has its connector from then on, unless somebody else has it", async () => {
  const [a, b, c] = [wanted("A", "S1/1", [0, 20]), wanted("B", "S1/1", [60, 90]), wanted("C", "S1/2", [60, 90])];
  await confirmBookings(database, [a, b, c]);
  expect(await arrive("B", "S1", 10)).toEqual({ fulfilled: [], waiting: new Set(["b-B"]) });
  expect(await arrive("C", "S1", 10)).toMatchObject({
    fulfilled: [{ state: "FULFILLED", startMs: minute(10), endMs: minute(90), checkedInAtMs: minute(10) }],
  });
  expect((await confirmBookings(database, [wanted("D", "S1/2", [20, 50])]))[0]?.kind).toBe("taken");
  expect(await arrive("B", "S1", 20)).toMatchObject({ fulfilled: [{ startMs: minute(20), endMs: minute(90) }] });
});

test("a car that plugs in early while somebody books the time before its slot is seen to be too early", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [60, 90]), wanted("B", "S1/2", [0, 20])]);
  const session = await database.connect();
  await session.query("BEGIN");
  await session.query("UPDATE bookings SET connector_id = '1' WHERE car_id = 'B'");
  const arriving = arrive("A", "S1", 10);
  await until("the check-in waits for the other", async () => {
    const { rowCount } = await database.query("SELECT FROM pg_locks WHERE NOT granted");
    return rowCount !== 0;
  });
  await session.query("COMMIT");
  session.release();
  expect(await arriving).toEqual({ fulfilled: [], waiting: new Set(["b-A"]) });
});

test("a car whose slot is to begin in a few minutes checks in, though somebody else has the time until then", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30]), wanted("B", "S1/1", [30, 60])]);
  await goOn(aDay + 27);
  const { startMs = 0 } = (await findBooking(database, "b-B")) ?? {};
  const car = { bookingId: "b-B", carId: "B", stationId: "S1" };
  const atMs = startMs - 3 * 60_000;
  expect(await checkIn(database, [{ ...car, atMs }])).toMatchObject({ fulfilled: [{ startMs, checkedInAtMs: atMs }] });
  const left = await endSessions(database, [{ ...car, atMs: atMs + 1 }]);
  expect(left, "it gives back all but a millisecond").toMatchObject([{ startMs, endMs: startMs + 1 }]);
});

test("the cars that charge are found until they leave, the one that came last first", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30]), wanted("B", "S1/2", [0, 30])]);
  await arrive("A", "S1", 1);
  await arrive("B", "S1", 2);
  expect(idsOf(await sessionsUnderWay(database, 10))).toEqual(["b-B", "b-A"]);
  expect(idsOf(await sessionsUnderWay(database, 1))).toEqual(["b-B"]);
  await leave("B", 3);
  expect(idsOf(await sessionsUnderWay(database, 10))).toEqual(["b-A"]);
});

test("a car that checked in keeps its connector for its slot, and may book its next", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  await arrive("A", "S1", 0);
  const next = wanted("A", "S1/1", [60, 90], { bookingId: "b-A2", requestId: "r-A2" });
  const outcomes = await confirmBookings(database, [wanted("B", "S1/1", [10, 40]), next]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["taken", "confirmed"]);
});

test("a car that leaves gives back what is left of its slot; it never gets more", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30]), wanted("B", "S1/2", [10, 30])]);
  expect(await leave("A", 20), "not there yet").toEqual([]);
  await arrive("A", "S1", 0);
  await arrive("B", "S1", 0);
  expect(await leave("A", 0), "no later than it came").toEqual([]);
  expect(await leave("A", 20)).toMatchObject([
    { startMs: minute(0), endMs: minute(20), state: "FULFILLED", endedAtMs: minute(20) },
  ]);
  expect(await leave("A", 15)).toEqual([]);
  expect(await leave("B", 5)).toMatchObject([{ startMs: minute(0), endMs: minute(5) }]);
  expect(await leave("B", 5)).toEqual([]);
  expect((await confirmBookings(database, [wanted("C", "S1/1", [20, 30])]))[0]?.kind).toBe("confirmed");
});

test("of several moments at which a car has left, the first after its check-in counts", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  await arrive("A", "S1", 5);
  const moments = [4, 20, 10, 5].map((at) => ({ bookingId: "b-A", carId: "A", atMs: minute(at) }));
  expect(await endSessions(database, moments)).toMatchObject([{ endedAtMs: minute(10), endMs: minute(10) }]);
});

test("a car that has not come when its window is over loses its slot, and one that has come does not", async () => {
  const cars = ["A", "B", "C"];
  await confirmBookings(database, [
    wanted("A", "S1/1", [0, 40]),
    wanted("B", "S1/2", [0, 40]),
    wanted("C", "S2/1", [15, 40]),
  ]);
  await arrive("B", "S1", 0);
  // The present of these tests is a day ahead of the clock, rounded up to a minute.
  await goOn(aDay + 22);
  const lost = await expire();
  expect(lost).toMatchObject([{ bookingId: "b-A", state: "NO_SHOW" }]);
  expect(await expire()).toEqual([]);
  const states = await Promise.all(cars.map(async (car) => (await findBooking(database, `b-${car}`))?.state));
  expect(states).toEqual(["NO_SHOW", "FULFILLED", "RESERVED"]);
});

test("a slot that is shorter than the window is not kept beyond its end", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 10]), wanted("B", "S1/2", [0, 30])]);
  await goOn(aDay + 12);
  expect(idsOf(await expire())).toEqual(["b-A"]);
});

test("a booking is moved where there is room, and stays where there is none", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30]), wanted("B", "S1/2", [0, 30])]);
  const to = (stationId: string, connectorId: string, from: number, until: number) => {
    const slot = { stationId, connectorId, startMs: minute(from), endMs: minute(until) };
    return { ...slot, kwh: 10, pricePerKwh: 0.5 };
  };
  const seen = { bookingId: "b-A", version: 1 };
  expect(await moveBooking(database, seen, to("S1", "2", 20, 50), "why not")).toEqual({ kind: "taken" });
  expect(await moveBooking(database, seen, to("S9", "1", 20, 50), "why not")).toEqual({ kind: "taken" });
  await setConnectorStatus(database, "S2", "2", "out-of-order");
  expect(await moveBooking(database, seen, to("S2", "2", 20, 50), "why not")).toEqual({ kind: "taken" });
  const place = to("S1", "1", 20, 50);
  const moved = { kind: "moved", booking: { ...place, reason: "late", state: "RESERVED", version: 2 } };
  expect(await moveBooking(database, seen, place, "late")).toMatchObject(moved);
  expect(await moveBooking(database, seen, place, "late")).toMatchObject(moved);
  await cancelBookings(database, [{ bookingId: "b-A" }], "");
  expect(await moveBooking(database, seen, place, "late")).toEqual({ kind: "gone" });
});

test("what is done to a booking as it was seen is not done once it has changed", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  const seen = { bookingId: "b-A", version: 1 };
  const later = { ...wanted("A", "S1/1", [20, 50]), request: { car_id: "A", later: true } };
  expect(await moveBooking(database, seen, later, "late")).toMatchObject({ kind: "moved" });
  expect(await moveBooking(database, seen, wanted("A", "S2/1", [0, 30]), "out of order")).toEqual({ kind: "gone" });
  expect(await cancelBookings(database, [seen], "out of order")).toEqual([]);
  const [canceled] = await cancelBookings(database, [{ bookingId: "b-A", version: 2 }], "out of order");
  expect(canceled).toMatchObject({ state: "CANCELED", startMs: minute(20), request: later.request });
});

test("the bookings on connectors that are out of order are found, those of cars that charge are not", async () => {
  await confirmBookings(database, [
    wanted("A", "S1/1", [30, 60]),
    wanted("B", "S1/2", [0, 30]),
    wanted("C", "S2/1", [0, 30]),
  ]);
  await confirmBookings(database, [wanted("D", "S1/1", [0, 30])]);
  await arrive("B", "S1", 0);
  expect(await bookingsOnOutOfOrder(database, 10)).toEqual([]);
  await setConnectorStatus(database, "S1", undefined, "out-of-order");
  expect(idsOf(await bookingsOnOutOfOrder(database, 10))).toEqual(["b-D", "b-A"]);
});

/** What is kept of stations, by id of the booking. */
async function kept(stationIds?: string[]) {
  const slots = await keptSlots(database, stationIds);
  return [...slots.values()].flatMap((read) => read()).sort((a, b) => a.bookingId.localeCompare(b.bookingId));
}

test("what stands keeps its slot, to the millisecond, and nothing else does", async () => {
  const bookings = [wanted("A", "S1/1", [0, 10]), wanted("B", "S2/1", [0, 60]), wanted("C", "S1/2", [5, 60])];
  await confirmBookings(database, bookings);
  await cancelBookings(database, [{ bookingId: "b-C" }], "changed its mind");
  const slotOf = ({ bookingId, stationId, connectorId, startMs, endMs }: (typeof bookings)[number]) => {
    return { bookingId, stationId, connectorId, startMs, endMs };
  };
  expect(await kept()).toEqual(bookings.slice(0, 2).map(slotOf));
  expect(await kept(["S1"])).toEqual(bookings.slice(0, 1).map(slotOf));
  expect(await kept(["S3"])).toEqual([]);
});

test("a slot stands until it is over", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 10]), wanted("B", "S2/1", [0, 60])]);
  await arrive("A", "S1", 0);
  expect(idsOf(await standingBookings(database))).toEqual(["b-A", "b-B"]);
  expect(idsOf(await standingBookings(database, ["S1"]))).toEqual(["b-A"]);
  await goOn(aDay + 15);
  expect(idsOf(await standingBookings(database))).toEqual(["b-B"]);
});

test("a request's booking is found, else its newest refusal; and what keeps a car from booking", async () => {
  const refuse = (bookingId: string, reason: string) =>
    refuseBooking(database, { ...wanted("A", "S1/1", [0, 30], { bookingId }), state: "REJECTED", reason });
  await refuse("b-1", "nothing free");
  await refuse("b-2", "still nothing");
  expect(await findBookingOfRequest(database, "A", "r-A")).toMatchObject({ reason: "still nothing" });
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30]), wanted("B", "S1/2", [0, 30])]);
  await refuse("b-3", "asked again");
  expect(await findBookingOfRequest(database, "A", "r-A")).toMatchObject({ bookingId: "b-A" });
  expect(await findBookingOfRequest(database, "A", "other")).toBeUndefined();
  await cancelBookings(database, [{ bookingId: "b-B" }], "");
  const asked = [
    ["A", "r-A"],
    ["A", "other"],
    ["B", "r-B"],
    ["B", "other"],
    ["C", "r-C"],
  ].map(([carId = "", requestId = ""]) => ({ carId, requestId }));
  const found = await bookingsOfRequests(database, asked);
  expect(found.map((booking) => booking?.bookingId)).toEqual(["b-A", "b-A", "b-B", undefined, undefined]);
  // Few are looked up in another way.
  const oneByOne = asked.map(async (request) => (await bookingsOfRequests(database, [request]))[0]);
  expect(await Promise.all(oneByOne)).toEqual(found);
});

test("bookings are listed by car, station, state and time, the one that begins last first", async () => {
  await confirmBookings(database, [
    wanted("A", "S1/1", [0, 30]),
    wanted("B", "S1/2", [10, 30]),
    wanted("C", "S2/1", [20, 30]),
  ]);
  await cancelBookings(database, [{ bookingId: "b-B" }], "");
  const list = async (filter: Omit<Parameters<typeof listBookings>[1], "limit">, limit = 10) =>
    idsOf(await listBookings(database, { ...filter, limit }));
  expect(await list({})).toEqual(["b-C", "b-B", "b-A"]);
  expect(await list({}, 1)).toEqual(["b-C"]);
  expect(await list({ carId: "A" })).toEqual(["b-A"]);
  expect(await list({ stationId: "S1" })).toEqual(["b-B", "b-A"]);
  expect(await list({ states: ["RESERVED", "NO_SHOW"] })).toEqual(["b-C", "b-A"]);
  expect(await list({ fromMs: minute(10), untilMs: minute(20) })).toEqual(["b-B"]);
});

test("a car that stays beyond its slot ends its session all the same, and gets no more of the connector", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  await arrive("A", "S1", 0);
  expect(await leave("A", 40)).toMatchObject([{ endMs: minute(30), endedAtMs: minute(40) }]);
});

test("each change of a booking is told, with all that it is from then on", async () => {
  const [confirmed] = await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  await moveBooking(database, { bookingId: "b-A", version: 1 }, { ...wanted("A", "S1/2", [10, 40]), kwh: 10 }, "late");
  await arrive("A", "S1", 10);
  await leave("A", 20);
  await leave("A", 30);
  await refuseBooking(database, {
    ...wanted("B", "S1/", [0, 0]),
    startMs: 0,
    endMs: 0,
    state: "FAILED",
    reason: "why",
  });
  await confirmBookings(database, [wanted("C", "S2/1", [0, 30]), wanted("D", "S2/2", [0, 30])]);
  await cancelBookings(database, [{ bookingId: "b-C" }], "changed its mind");
  await database.query("UPDATE bookings SET state = 'NO_SHOW' WHERE car_id = 'D'");
  const common = { booking_id: "b-A", car_id: "A", request_id: "r-A", price_rate: 0.25, station_id: "S1" };
  const times = (from: number, to: number) => ({ start: minute(from), end: minute(to) });
  expect(await told()).toMatchObject([
    {
      ...common,
      event_type: "booking_confirmed",
      status: 1,
      state: "RESERVED",
      connector_id: "1",
      version: 1,
      kwh: 20,
      ...times(0, 30),
      reason: "",
    },
    {
      ...common,
      event_type: "booking_moved",
      status: 1,
      connector_id: "2",
      version: 2,
      kwh: 10,
      ...times(10, 40),
      reason: "late",
    },
    { ...common, event_type: "charging_started", status: 1, state: "FULFILLED", version: 3 },
    { ...common, event_type: "charging_ended", status: 1, state: "FULFILLED", version: 4, ...times(10, 20) },
    {
      event_type: "booking_failed",
      status: 2,
      state: "FAILED",
      station_id: "S1",
      connector_id: "",
      start: 0,
      end: 0,
      reason: "why",
    },
    { event_type: "booking_confirmed", car_id: "C" },
    { event_type: "booking_confirmed", car_id: "D" },
    { event_type: "booking_canceled", status: 2, state: "CANCELED", car_id: "C", reason: "changed its mind" },
    { event_type: "booking_expired", status: 3, state: "NO_SHOW", car_id: "D" },
  ]);
  const [first] = await told();
  expect(confirmed).toMatchObject({ booking: { createdAtMs: first?.timestamp } });
});

test("what was told is told no more; a change that was undone is not told at all", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30]), wanted("B", "S1/2", [0, 30])]);
  await cancelBookings(database, [{ bookingId: "b-A" }], "");
  const events = await readOutbox(database, 100, fence);
  expect(await readOutbox(database, 1, fence)).toEqual(events.slice(0, 1));
  await deleteOutbox(
    database,
    events.slice(0, 2).map(({ eventId }) => eventId),
    fence,
  );
  expect(await readOutbox(database, 100, fence)).toEqual(events.slice(2));
  await database.query("INSERT INTO booking_outbox (event_id, car_id, event_type, event) VALUES (0, 'odd', '', '{}')");
  await putAsideOutbox(database, 0, fence);
  expect(await readOutbox(database, 100, fence)).toEqual(events.slice(2));
  const session = await database.connect();
  await session.query("BEGIN; UPDATE bookings SET state = 'CANCELED' WHERE car_id = 'B'; ROLLBACK");
  session.release();
  expect(await readOutbox(database, 100, fence)).toEqual(events.slice(2));
});

test("who lost its fence changes and reads nothing any more", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  await goOn(2 * aDay);
  const newer = await takeFence(database, "test");
  await takeFence(database, "other");
  expect(newer.token).toBeGreaterThan(fence.token);
  const work = (held: Fence) => [
    () => readOutbox(database, 1, held),
    () => deleteOutbox(database, [], held),
    () => putAsideOutbox(database, 0, held),
    () =>
      moveBooking(
        database,
        { bookingId: "b-A", version: 1 },
        wanted("A", "S1/2", [-2 * aDay, 30 - 2 * aDay]),
        "",
        held,
      ),
    () => cancelBookings(database, [], "", held),
    () => expireNoShows(database, ["b-A"], 0, held),
  ];
  for (const attempt of work(fence)) await expect(attempt()).rejects.toThrow(FenceLost);
  expect((await findBooking(database, "b-A"))?.version).toBe(2);
  for (const attempt of work(newer)) await attempt();
  expect((await findBooking(database, "b-A"))?.state).toBe("NO_SHOW");
});

test("a booked session is billed at its locked price, and what the grid took for it stands beside", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  const interval = (car: string, session: string, minutes: number, kwh: number, price: number) =>
    database.query("INSERT INTO charging_sessions VALUES ($1, $2, 'S1', $3, $4, $5)", [
      new Date(minute(minutes)),
      session,
      car,
      kwh,
      price,
    ]);
  await interval("A", "b-A", 1, 4, 0.1);
  await interval("A", "b-A", 2, 12, 0.2);
  await interval("B", "b-A", 1, 5, 0.1);
  await interval("A", "unbooked", 1, 5, 0.1);
  const { rows } = await database.query("SELECT * FROM billed_sessions");
  expect(rows).toEqual([
    {
      booking_id: "b-A",
      car_id: "A",
      station_id: "S1",
      started_at: new Date(minute(1)),
      last_at: new Date(minute(2)),
      kwh: 16,
      grid_price_per_kwh: expect.closeTo(0.175, 9),
      locked_price_per_kwh: 0.25,
      grid_cost: expect.closeTo(2.8, 9),
      locked_cost: 4,
    },
  ]);
});
