import type { BookingState } from "@greenlane/domain";
import { textArray } from "../binaryArrays.ts";
import type { Database } from "../database.ts";
import { asBooking, BOOKING_COLUMNS, type Booking, type BookingRow, type KeptSlot, unixMs } from "./booking.ts";

export interface BookingFilter {
  carId?: string | undefined;
  stationId?: string | undefined;
  states?: BookingState[] | undefined;
  /** Bookings whose slot begins at this moment or later, Unix ms; of one without a slot its creation counts. */
  fromMs?: number | undefined;
  /** Bookings whose slot begins before this moment, Unix ms. */
  untilMs?: number | undefined;
}

async function select(database: Database, where: string, values: unknown[]): Promise<Booking[]> {
  const { rows } = await database.query<BookingRow>(`SELECT ${BOOKING_COLUMNS} FROM bookings b ${where}`, values);
  return rows.map(asBooking);
}

/** Those that keep a connector now or later. */
const STANDING = `WHERE (state IN ('PENDING', 'RESERVED') OR state = 'FULFILLED') AND upper(slot) > now()
  AND ($1::text[] IS NULL OR station_id = ANY ($1))`;

/** The bookings that keep a connector now or later, by the database's clock: of some stations, or of all. */
export function standingBookings(database: Database, stationIds?: string[]): Promise<Booking[]> {
  return select(database, `${STANDING} ORDER BY station_id, connector_id, slot`, [stationIds ?? null]);
}

const KEPT_SLOTS = `
SELECT station_id AS "stationId",
  json_agg(json_build_array(booking_id, connector_id, ${unixMs("lower(slot)")}, ${unixMs("upper(slot)")}))::text AS slots
FROM bookings ${STANDING} GROUP BY station_id`;

/**
 * What the bookings of `standingBookings` keep, by station; of one that has none there is nothing. Each station's are
 * read when they are asked for: who asks for all stations may do it bit by bit, as all together take long.
 */
export async function keptSlots(database: Database, stationIds?: string[]): Promise<Map<string, () => KeptSlot[]>> {
  const { rows } = await database.query<{ stationId: string; slots: string }>(KEPT_SLOTS, [stationIds ?? null]);
  return new Map(
    rows.map(({ stationId, slots }) => [
      stationId,
      () =>
        (JSON.parse(slots) as [string, string, number, number][]).map(([bookingId, connectorId, startMs, endMs]) => {
          return { bookingId, stationId, connectorId, startMs, endMs };
        }),
    ]),
  );
}

export async function findBooking(database: Database, bookingId: string): Promise<Booking | undefined> {
  return (await select(database, "WHERE booking_id = $1", [bookingId]))[0];
}

/** What a car's request became: its booking or, when it has none, its newest refusal. */
export async function findBookingOfRequest(
  database: Database,
  carId: string,
  requestId: string,
): Promise<Booking | undefined> {
  const newest = `WHERE car_id = $1 AND request_id = $2
    ORDER BY state IN ('REJECTED', 'FAILED'), created_at DESC LIMIT 1`;
  return (await select(database, newest, [carId, requestId]))[0];
}

/** A request that may have a booking. */
export interface AskedRequest {
  carId: string;
  requestId: string;
}

/** As one column: there mostly is no row, and the answer is as long as the names of its columns. */
const BOOKING_OF_REQUEST = `
SELECT to_json(b) AS booking FROM (
  SELECT ${BOOKING_COLUMNS} FROM bookings b WHERE car_id = $1 AND request_id = $2 AND state NOT IN ('REJECTED', 'FAILED')
  UNION ALL
  SELECT ${BOOKING_COLUMNS} FROM bookings b WHERE car_id = $1 AND state IN ('PENDING', 'RESERVED')
) b`;

const BOOKINGS_OF_REQUESTS = `
SELECT ${BOOKING_COLUMNS} FROM bookings b
WHERE (car_id, request_id) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND state NOT IN ('REJECTED', 'FAILED')
UNION ALL
SELECT ${BOOKING_COLUMNS} FROM bookings b WHERE car_id = ANY ($1::text[]) AND state IN ('PENDING', 'RESERVED')`;

/**
 * So few requests are asked about one by one: that plan is made once, as it is right for any car. How many an array holds
 * decides on its plan, which is made each time, and to make it costs ten times as much as to look for one.
 */
const ONE_BY_ONE = 3;

async function keepers(database: Database, requests: readonly AskedRequest[]): Promise<Booking[]> {
  if (requests.length <= ONE_BY_ONE) {
    const found = requests.map(({ carId, requestId }) =>
      database.query<{ booking: BookingRow }>({
        name: "booking-of-request",
        text: BOOKING_OF_REQUEST,
        values: [carId, requestId],
      }),
    );
    return (await Promise.all(found)).flatMap(({ rows }) => rows.map(({ booking }) => asBooking(booking)));
  }
  const { rows } = await database.query<BookingRow>(BOOKINGS_OF_REQUESTS, [
    textArray(requests.map(({ carId }) => carId)),
    textArray(requests.map(({ requestId }) => requestId)),
  ]);
  return rows.map(asBooking);
}

/**
 * What keeps requests from being booked, in their order: the request's own booking, in any state but REJECTED and
 * FAILED, else another one that the car has standing; undefined where there is neither.
 */
export async function bookingsOfRequests(
  database: Database,
  requests: readonly AskedRequest[],
): Promise<(Booking | undefined)[]> {
  if (requests.length === 0) return [];
  const found = await keepers(database, requests);
  const ofRequest = new Map(found.map((booking) => [requestKey(booking), booking]));
  const ahead = found.filter(({ state }) => state === "PENDING" || state === "RESERVED");
  const ofCar = new Map(ahead.map((booking) => [booking.carId, booking]));
  return requests.map((request) => ofRequest.get(requestKey(request)) ?? ofCar.get(request.carId));
}

/** Ids hold no control characters. */
const requestKey = ({ carId, requestId }: AskedRequest) => `${carId}\n${requestId}`;

/**
 * Of each car the booking that changed last, when it has changed since it was made, by somebody else than the car, or has
 * failed; one whose slot was over an hour ago matters no more.
 */
const CHANGED = `
SELECT ${BOOKING_COLUMNS} FROM unnest($1::text[]) AS car (id) CROSS JOIN LATERAL (
  SELECT * FROM bookings
  WHERE car_id = car.id AND coalesce(lower(slot), created_at) > now() - interval '2 days' AND state <> 'REJECTED'
  ORDER BY updated_at DESC LIMIT 1
) AS b
WHERE (version > 1 OR state = 'FAILED') AND state <> 'FULFILLED' AND upper(slot) > now() - interval '1 hour'`;

/** What cars that were away may not know of their bookings: one a car at the most. */
export async function changedBookings(database: Database, carIds: string[]): Promise<Booking[]> {
  const { rows } = await database.query<BookingRow>({
    name: "changed-bookings",
    text: CHANGED,
    values: [textArray(carIds)],
  });
  return rows.map(asBooking);
}

/** The RESERVED bookings on connectors that are out of order, the one that begins first at the head: up to a limit. */
export function bookingsOnOutOfOrder(database: Database, limit: number): Promise<Booking[]> {
  return select(
    database,
    `JOIN connectors USING (station_id, connector_id)
     WHERE b.state = 'RESERVED' AND status = 'out-of-order' ORDER BY b.slot, b.booking_id LIMIT $1`,
    [limit],
  );
}

/** Of one that is RESERVED: $1 ms have passed since the start of its slot, or it is over, by the database's clock. */
export const IS_LATE = `state = 'RESERVED' AND lower(slot) <= now()
  AND least(lower(slot) + $1 * interval '1 millisecond', upper(slot)) <= now()`;

/** The bookings whose cars have not come within `windowMs` from their start, nor before their end: those that began first. */
export function lateBookings(database: Database, windowMs: number, limit: number): Promise<Booking[]> {
  return select(database, `WHERE ${IS_LATE} ORDER BY lower(slot) LIMIT $2`, [windowMs, limit]);
}

/** A car that stays at its connector for longer than this after its slot is no longer looked for, hours. */
const LOOKED_FOR_HOURS = 24;

/** The FULFILLED bookings whose cars have not left, those that checked in last: not more than a limit. */
export function sessionsUnderWay(database: Database, limit: number): Promise<Booking[]> {
  return select(
    database,
    `WHERE state = 'FULFILLED' AND upper(slot) > now() - interval '${LOOKED_FOR_HOURS} hours' AND ended_at IS NULL
     ORDER BY checked_in_at DESC LIMIT $1`,
    [limit],
  );
}

const MATCHES = `($1::text IS NULL OR car_id = $1) AND ($2::text IS NULL OR station_id = $2)
  AND ($3::text[] IS NULL OR state = ANY ($3))
  AND ($4::float8 IS NULL OR coalesce(lower(slot), created_at) >= to_timestamp($4 / 1000))
  AND ($5::float8 IS NULL OR coalesce(lower(slot), created_at) < to_timestamp($5 / 1000))`;

const matching = ({ carId, stationId, states, fromMs, untilMs }: BookingFilter) => [
  carId ?? null,
  stationId ?? null,
  states ?? null,
  fromMs ?? null,
  untilMs ?? null,
];

/** The bookings that match, the one that begins last at the head. */
export function listBookings(database: Database, filter: BookingFilter & { limit: number }): Promise<Booking[]> {
  const newest = `WHERE ${MATCHES} ORDER BY coalesce(lower(slot), created_at) DESC, booking_id LIMIT $6`;
  return select(database, newest, [...matching(filter), filter.limit]);
}

/** How many bookings match. */
export async function countBookings(database: Database, filter: BookingFilter): Promise<number> {
  const { rows } = await database.query<{ bookings: number }>(
    `SELECT count(*)::int AS bookings FROM bookings WHERE ${MATCHES}`,
    matching(filter),
  );
  return rows[0]?.bookings ?? 0;
}
