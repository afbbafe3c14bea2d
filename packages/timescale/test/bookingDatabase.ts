import { silentLogger } from "@greenlane/runtime";
import { startPostgres, type TestServer } from "@greenlane/testkit";
import { closeDatabase, type Database, migrate, type NewBooking, openDatabase, upsertStations } from "../src/index.ts";

const MINUTE_MS = 60_000;
/** Far enough ahead that nothing is over by the clock. */
const BASE_MS = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS + 86_400_000;

export interface BookingDatabase extends AsyncDisposable {
  server: TestServer;
  database: Database;
}

/** A server of a test's own with stations S1 and S2 of two connectors each, named 1 and 2. */
export async function startBookingDatabase(): Promise<BookingDatabase> {
  await using opening = new AsyncDisposableStack();
  const server = opening.use(await startPostgres());
  await migrate(server.url, silentLogger);
  const database = opening.adopt(openDatabase(server.url, silentLogger), closeDatabase);
  await upsertStations(
    database,
    ["S1", "S2"].map((stationId) => ({
      stationId,
      name: `Station ${stationId}`,
      latitude: 40.7,
      longitude: -74,
      connectors: ["1", "2"].map((connectorId) => ({ connectorId, powerKw: 50, type: "CCS", status: "available" })),
    })),
  );
  const open = opening.move();
  return { server, database, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** Removes all that was booked, for the next test. */
export async function forgetBookings(database: Database): Promise<void> {
  await database.query("TRUNCATE bookings, booking_outbox, fences, charging_sessions");
  await database.query("UPDATE connectors SET status = 'available'");
}

/** Minutes after the present of these tests, as Unix ms. */
export const minute = (n: number) => BASE_MS + n * MINUTE_MS;

/** A booking of car `carId` for minutes `from` to `to`. */
export function wanted(
  carId: string,
  place: `${string}/${string}`,
  [from, to]: [number, number],
  change: Partial<NewBooking> = {},
): NewBooking {
  const [stationId = "", connectorId = ""] = place.split("/");
  return {
    bookingId: `b-${carId}`,
    requestId: `r-${carId}`,
    carId,
    stationId,
    connectorId,
    startMs: minute(from),
    endMs: minute(to),
    kwh: 20,
    pricePerKwh: 0.25,
    request: { car_id: carId },
    requestDigest: `d-${carId}`,
    ...change,
  };
}
