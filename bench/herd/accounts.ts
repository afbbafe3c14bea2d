import { setTimeout as sleep } from "node:timers/promises";
import { decodeBookingEvent, TOPICS } from "@greenlane/contracts";
import { type KafkaConfig, openTopicReader } from "@greenlane/kafka";
import type { StandingSlot, StationSlots } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { type Booking, type Database, standingBookings } from "@greenlane/timescale";
import type { CarRecord, ToldBooking } from "./generatorMessages.ts";

/** How the accounts of cars, Redis, Kafka and the database agree about a herd; all but `booked`, `equal` are faults. */
export interface Accounts {
  /** In the database. */
  booked: number;
  /** Pairs of bookings that overlap on a connector. */
  double: number;
  /** Cars with more than one booking. */
  twice: number;
  /** Cars were told that they have it, and the database does not have it so. */
  lost: number;
  /** The database has it, and its car was not told. */
  untold: number;
  /** Bookings that Redis has as the database has them. */
  equal: number;
  /** Bookings that Redis has not, or has otherwise. */
  missing: number;
  /** Slots that Redis has as booked, and the database has not. */
  leaked: number;
  /** Bookings whose event is not in Kafka. */
  eventless: number;
}

export const FAULTS = ["double", "twice", "lost", "untold", "missing", "leaked", "eventless"] as const;

export interface AccountParts {
  database: Database;
  slots: StationSlots;
  kafka: KafkaConfig;
  /** For how long Redis and Kafka may be behind the database. */
  catchUpMs: number;
}

const POLL_MS = 50;

const ACTIVE = "('PENDING', 'RESERVED', 'FULFILLED')";
const DOUBLE = `
SELECT count(*)::int AS n FROM bookings a JOIN bookings b USING (station_id, connector_id)
WHERE a.booking_id < b.booking_id AND a.slot && b.slot AND a.state IN ${ACTIVE} AND b.state IN ${ACTIVE}`;
const TWICE = `
SELECT count(*)::int AS n FROM (SELECT FROM bookings WHERE state IN ${ACTIVE} GROUP BY car_id HAVING count(*) > 1) AS cars`;

/** Adds up what became of a herd, once Redis and Kafka have caught up, or have not in time. */
export async function accountsOf(
  { database, slots, kafka, catchUpMs }: AccountParts,
  stationIds: string[],
  cars: readonly CarRecord[],
): Promise<{ accounts: Accounts; bookings: Booking[] }> {
  const deadlineMs = Date.now() + catchUpMs;
  const count = async (sql: string) => (await database.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
  const patiently = async <Found>(find: () => Promise<Found>, isWhole: (found: Found) => boolean) => {
    for (;;) {
      const found = await find();
      if (isWhole(found) || Date.now() > deadlineMs) return found;
      await sleep(POLL_MS);
    }
  };
  const redis = await patiently(
    async () => compared(await slots.read(stationIds), await standingBookings(database)),
    ({ missing, leaked }) => missing === 0 && leaked === 0,
  );
  await patiently(
    () => count("SELECT count(*)::int AS n FROM booking_outbox"),
    (left) => left === 0,
  );
  const bookings = await standingBookings(database);
  const standing = new Map(bookings.map((booking) => [booking.bookingId, booking]));
  const told = cars.flatMap((car) => car.told);
  const toldIds = new Set(told.map(({ bookingId }) => bookingId));
  const ofKafka = await confirmedInKafka(kafka);
  const accounts = {
    booked: bookings.length,
    double: await count(DOUBLE),
    twice: await count(TWICE),
    lost: told.filter((booking) => !isSame(booking, standing.get(booking.bookingId))).length,
    untold: bookings.filter(({ bookingId }) => !toldIds.has(bookingId)).length,
    ...redis,
    eventless: bookings.filter(({ bookingId }) => !ofKafka.has(bookingId)).length,
  };
  return { accounts, bookings };
}

function isSame(told: ToldBooking, { stationId, connectorId, startMs, endMs }: Partial<Booking> = {}): boolean {
  const slot = told.startMs === startMs && told.endMs === endMs;
  return slot && told.stationId === stationId && told.connectorId === connectorId;
}

/** Of each station, in the order of their ids, what Redis has; undefined where it knows nothing. */
function compared(slots: (readonly StandingSlot[] | undefined)[], bookings: readonly Booking[]) {
  const booked = slots.flatMap((own) => own ?? []).filter(({ heldUntilMs }) => heldUntilMs === undefined);
  const inRedis = new Map(booked.map((slot) => [slot.id, slot]));
  const equal = bookings.filter(({ bookingId, connectorId, startMs, endMs }) => {
    const slot = inRedis.get(bookingId);
    return slot?.connectorId === connectorId && slot.startMs === startMs && slot.endMs === endMs;
  }).length;
  const ids = new Set(bookings.map(({ bookingId }) => bookingId));
  return { equal, missing: bookings.length - equal, leaked: booked.filter(({ id }) => !ids.has(id)).length };
}

/** The ids of all bookings whose confirmation is in the log. */
async function confirmedInKafka(config: KafkaConfig): Promise<Set<string>> {
  await using reader = await openTopicReader(config, TOPICS.bookingEvents, "greenlane-herd", silentLogger);
  const confirmed = new Set<string>();
  for (const { partition, low, high } of await reader.offsets()) {
    for (const { value } of await reader.readRange(partition, low, high)) {
      const event = decodeBookingEvent(value);
      if (event?.event_type === "booking_confirmed") confirmed.add(event.booking_id);
    }
  }
  return confirmed;
}
