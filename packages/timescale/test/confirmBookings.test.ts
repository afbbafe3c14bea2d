import { until } from "@greenlane/testkit";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type Booking,
  bookingsOnOutOfOrder,
  cancelBookings,
  confirmBookings,
  type Database,
  findBooking,
  listBookings,
  type NewBooking,
  refuseBooking,
  setConnectorStatus,
} from "../src/index.ts";
import { type BookingDatabase, forgetBookings, startBookingDatabase, wanted } from "./bookingDatabase.ts";

let open: BookingDatabase;
let database: Database;
beforeAll(async () => {
  open = await startBookingDatabase();
  database = open.database;
});
afterAll(() => open[Symbol.asyncDispose]());
beforeEach(() => forgetBookings(database));

const kinds = async (bookings: NewBooking[]) => (await confirmBookings(database, bookings)).map(({ kind }) => kind);

test("a booking that was confirmed is in the database just as it was told", async () => {
  const [outcome] = await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  expect(outcome).toMatchObject({ kind: "confirmed", booking: { state: "RESERVED", version: 1, carId: "A" } });
  expect(await findBooking(database, "b-A")).toEqual((outcome as { booking: Booking }).booking);
});

test("each booking of a batch gets its own answer, in the order of asking", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  const outcomes = await confirmBookings(database, [
    wanted("B", "S1/1", [10, 40]),
    wanted("C", "S2/1", [0, 30]),
    wanted("A", "S2/2", [0, 30], { bookingId: "b-A1" }),
    wanted("A", "S2/2", [0, 30], { bookingId: "b-A2", requestId: "r-A2" }),
    wanted("D", "S1/1", [30, 60]),
    wanted("E", "S9/1", [0, 30]),
  ]);
  expect(outcomes).toMatchObject([
    { kind: "taken" },
    { kind: "confirmed", booking: { bookingId: "b-C" } },
    { kind: "repeated", booking: { bookingId: "b-A", stationId: "S1" } },
    { kind: "busy", booking: { bookingId: "b-A", stationId: "S1" } },
    { kind: "confirmed", booking: { bookingId: "b-D" } },
    { kind: "taken" },
  ]);
});

test("of a batch whose bookings stand in each other's way, one is booked of each", async () => {
  const twins = [wanted("A", "S1/1", [0, 30]), wanted("B", "S1/1", [0, 30])];
  expect((await kinds(twins)).sort()).toEqual(["confirmed", "taken"]);
  const same = wanted("C", "S2/1", [0, 30]);
  expect(await kinds([same, same])).toEqual(["confirmed", "confirmed"]);
  const second = wanted("D", "S2/2", [40, 60], { bookingId: "b-D2", requestId: "r-D2" });
  expect(await kinds([wanted("D", "S2/2", [0, 30]), second])).toEqual(["confirmed", "busy"]);
});

test("a batch that is sent again, as after a connection that broke at the commit, books nothing twice", async () => {
  const batch = [wanted("A", "S1/1", [0, 30]), wanted("B", "S1/2", [0, 30])];
  expect(await kinds(batch)).toEqual(["confirmed", "confirmed"]);
  expect(await kinds(batch)).toEqual(["confirmed", "confirmed"]);
  expect(await listBookings(database, { limit: 10 })).toHaveLength(2);
});

test("bookings whose confirmation was cut off are confirmed when asked again, each once, and told once", async () => {
  const batches = Array.from({ length: 6 }, (_, b) =>
    Array.from({ length: 200 }, (_, n) =>
      wanted(`C${b}-${n}`, b % 2 ? "S1/1" : "S2/1", [200 * b + n, 200 * b + n + 1]),
    ),
  );
  const confirming = batches.map((batch) => kinds(batch));
  await Promise.race(confirming);
  await open.server.kill();
  await Promise.allSettled(confirming);
  await open.server.restart();
  for (const batch of batches) {
    const again = await until("the database answers", () => kinds(batch).catch(() => undefined));
    expect(new Set(again)).toEqual(new Set(["confirmed"]));
  }
  const { rows } = await database.query(
    `SELECT (SELECT count(*)::int FROM bookings) AS booked, count(*)::int AS told, count(DISTINCT event ->> 'booking_id')::int AS ids
     FROM booking_outbox`,
  );
  expect(rows).toEqual([{ booked: 1_200, told: 1_200, ids: 1_200 }]);
});

test("a request whose booking was canceled is not booked again, and one that was refused is", async () => {
  await confirmBookings(database, [wanted("A", "S1/1", [0, 30])]);
  await cancelBookings(database, [{ bookingId: "b-A" }], "changed its mind");
  await refuseBooking(database, { ...wanted("B", "S1/1", [0, 30]), state: "REJECTED", reason: "nothing free" });
  const again = [
    wanted("A", "S1/1", [0, 30], { bookingId: "b-A2" }),
    wanted("B", "S1/1", [0, 30], { bookingId: "b-B2" }),
  ];
  expect(await kinds(again)).toEqual(["repeated", "confirmed"]);
});

test("a connector that is out of order is not booked", async () => {
  await setConnectorStatus(database, "S1", "1", "out-of-order");
  expect(await kinds([wanted("A", "S1/1", [0, 30]), wanted("B", "S1/2", [0, 30])])).toEqual(["taken", "confirmed"]);
});

/** A transaction of somebody else's that books cars, and is not committed yet. */
async function otherTransaction() {
  const session = await database.connect();
  await session.query("BEGIN; SET LOCAL deadlock_timeout = '1h'");
  const book = (carId: string) =>
    session.query(
      `INSERT INTO bookings (booking_id, request_id, car_id, state, station_id, connector_id, slot, kwh, price_per_kwh, request, request_digest)
       VALUES ('o-' || $1, 'other', $1, 'RESERVED', 'S2', '1', tstzrange(to_timestamp($2), to_timestamp($2 + 1)), 1, 1, '{}', '')`,
      [carId, carId.charCodeAt(0)],
    );
  const end = async (how: "COMMIT" | "ROLLBACK") => {
    await session.query(how);
    session.release();
  };
  return { book, end };
}

const someWait = (count: number) =>
  until(`${count} wait for another's lock`, async () => {
    return (await database.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).rowCount === count;
  });

test("once a connector is said to be out of order, all that was booked on it before can be found", async () => {
  const other = await otherTransaction();
  await other.book("A");
  const booking = kinds([wanted("A", "S1/1", [0, 30])]);
  await someWait(1); // the booking for the car's other one
  const outOfOrder = setConnectorStatus(database, "S1", "1", "out-of-order");
  await someWait(2); // the connector for the booking
  await other.end("ROLLBACK");
  expect([await outOfOrder, await booking]).toEqual([1, ["confirmed"]]);
  expect(await bookingsOnOutOfOrder(database, 10)).toMatchObject([{ bookingId: "b-A" }]);
});

test("a batch that the database ends for a deadlock is tried again", async () => {
  const [first, second] = [await otherTransaction(), await otherTransaction()];
  await first.book("B");
  await second.book("C");
  const booking = kinds([wanted("A", "S1/1", [0, 30]), wanted("B", "S1/1", [30, 60]), wanted("C", "S1/1", [60, 90])]);
  await someWait(1); // the batch, which has A, for B
  const inTheWay = second.book("A");
  await someWait(2); // who has C, for A
  await first.end("ROLLBACK"); // the batch goes on to C: both wait for each other
  await inTheWay;
  await second.end("COMMIT");
  expect(await booking).toEqual(["busy", "confirmed", "busy"]);
});

test("a refusal without a slot keeps what was asked, and the same id again changes nothing", async () => {
  const nowhere = { ...wanted("A", "S9/", [0, 0]), startMs: 0, endMs: 0 };
  const refused = await refuseBooking(database, { ...nowhere, state: "REJECTED", reason: "no such station" });
  expect(refused).toMatchObject({ stationId: "S9", connectorId: "", startMs: 0, endMs: 0, request: { car_id: "A" } });
  expect(await refuseBooking(database, { ...nowhere, state: "FAILED", reason: "other" })).toEqual(refused);
  expect(await findBooking(database, "b-A")).toEqual(refused);
});

test("many writers at once, in whatever order, book no connector twice, no car twice, and tell what they did", async () => {
  const wish = fc.record({
    car: fc.nat(11),
    request: fc.nat(2),
    place: fc.constantFrom("S1/1", "S1/2", "S2/1"),
    from: fc.nat(60),
    length: fc.integer({ min: 1, max: 40 }),
  });
  const batches = fc.array(fc.array(wish, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(batches, async (wishes) => {
      await forgetBookings(database);
      let id = 0;
      const outcomes = await Promise.all(
        wishes.map((batch) =>
          confirmBookings(
            database,
            batch.map(({ car, request, place, from, length }) =>
              wanted(`C${car}`, place as `${string}/${string}`, [from, from + length], {
                bookingId: `b${id++}`,
                requestId: `r${request}`,
              }),
            ),
          ),
        ),
      );
      const told = outcomes.flat().flatMap((outcome) => (outcome.kind === "confirmed" ? [outcome.booking] : []));
      const stored = await listBookings(database, { limit: 1_000 });
      const byId = (bookings: Booking[]) => bookings.toSorted((a, b) => (a.bookingId < b.bookingId ? -1 : 1));
      expect(byId(stored)).toEqual(byId(told));
      expect(new Set(stored.map(({ carId }) => carId)).size).toBe(stored.length);
      for (const a of stored) {
        const over = stored.filter(
          (b) =>
            a.stationId === b.stationId &&
            a.connectorId === b.connectorId &&
            a.startMs < b.endMs &&
            b.startMs < a.endMs,
        );
        expect(over).toEqual([a]);
      }
    }),
    { numRuns: 40 },
  );
});
