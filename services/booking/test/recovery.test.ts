import { RefusalReason, WireBookingState } from "@greenlane/contracts";
import { openRedis } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { findBooking, findBookingOfRequest, listBookings, type Station } from "@greenlane/timescale";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countOverlaps, slotDifferences } from "./agreement.ts";
import { startBookingProcess } from "./bookingProcess.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

let servers: Servers;
/** At which nobody else books. */
const quiet = { ...stationsInRow(3, 1)[2], stationId: "quiet" } as Station;
const atQuiet = { station_ids: [quiet.stationId], latitude: quiet.latitude };
const busy = { station_ids: ["station-1", "station-2"] };

beforeAll(async () => {
  servers = await startServers([...stationsInRow(2, 2), quiet]);
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
});

async function flush(): Promise<void> {
  const redis = await openRedis(servers.redis.url, silentLogger);
  await redis.flushall();
  redis.disconnect();
}

test("when Redis is flushed no slot is sold twice: the slots are rebuilt before the first new hold", async () => {
  await using booking = await startBookingProcess(servers, "flushed");
  using client = new TestClient(booking.grpcPort);
  await client.books(wish("before-1", busy));
  await client.books(wish("before-2", busy));
  await flush();
  await client.books(wish("after-1", busy));
  await client.books(wish("after-2", busy));
  expect(await countOverlaps(servers)).toBe(0);
  expect(await slotDifferences(servers)).toEqual([]);
});

test("while Redis is away cars are told when to come back; when it is back, empty, all goes on", async () => {
  await using booking = await startBookingProcess(servers, "away");
  using client = new TestClient(booking.grpcPort);
  const { booking_id } = await client.books(wish("stays", busy));
  await servers.redis.kill();
  client.ask(wish("asks", busy));
  const refused = await client.hears("refusal", "asks");
  expect(refused).toMatchObject({
    reason: RefusalReason.UNAVAILABLE,
    message: expect.stringMatching(/try again in \d+ s/),
  });
  expect(refused.retry_after_ms).toBeGreaterThan(0);
  await servers.redis.restart();
  await until("cars get offers again", async () => {
    client.ask(wish("asks-again", busy));
    return client.of("offers", "asks-again").length > 0;
  });
  expect(await findBooking(servers.database, booking_id)).toMatchObject({ state: "RESERVED" });
});

test("a car whose process is killed as it accepts ends with one booking, whichever process it comes back to", async () => {
  await using first = await startBookingProcess(servers, "killed");
  await using second = await startBookingProcess(servers, "survives");
  const asked = wish("survivor", busy);
  {
    using client = new TestClient(first.grpcPort);
    client.ask(asked);
    const { offers } = await client.hears("offers", "survivor");
    client.accept(asked, offers[0]);
    await first.replace();
  }
  using client = new TestClient(second.grpcPort);
  client.ask(asked);
  await until("there is an answer", () => client.heard.length > 0);
  const [offered] = client.of("offers", "survivor");
  if (offered !== undefined) client.accept(asked, offered.offers[0]);
  const booked = await client.hears("booking", "survivor");
  expect(booked.state).toBe(WireBookingState.RESERVED);
  const bookings = await listBookings(servers.database, { carId: "survivor", limit: 10 });
  expect(bookings.map(({ bookingId }) => bookingId)).toEqual([booked.booking_id]);
});

test("what only one process may do goes on when its holder is paused beyond its lease, and the holder does no harm", async () => {
  const env = { LEASE_MS: "600", ARRIVAL_WINDOW_MS: "1000", AUDIT_EVERY_MS: "200" };
  const before = await tokenOf("bookings");
  await using paused = await startBookingProcess(servers, "paused", { ...env, ZONE: "a" });
  await until("it has the lease", async () => (await tokenOf("bookings")) > before);
  const token = await tokenOf("bookings");
  paused.signal("SIGSTOP");
  await using other = await startBookingProcess(servers, "takes-over", { ...env, ZONE: "b" });
  await until("the other holds the lease", async () => (await tokenOf("bookings")) > token);
  using client = new TestClient(other.grpcPort);
  const asked = wish("misses", atQuiet);
  const missed = await client.books(asked);
  expect(await client.hears("booking", "misses", 2)).toMatchObject({ state: WireBookingState.NO_SHOW });
  const after = await tokenOf("bookings");
  paused.signal("SIGCONT");
  const next = await client.books(wish("comes-after", atQuiet));
  await until("the paused one has asked for the lease", async () => {
    const answer = await fetch(`http://127.0.0.1:${paused.adminPort}/ready`);
    return answer.ok;
  });
  expect(await findBooking(servers.database, missed.booking_id)).toMatchObject({ state: "NO_SHOW", version: 2 });
  expect(await client.hears("booking", "comes-after", 2)).toMatchObject({
    booking_id: next.booking_id,
    state: WireBookingState.NO_SHOW,
  });
  expect(await tokenOf("bookings")).toBe(after);
  expect(await findBookingOfRequest(servers.database, "misses", `${asked.request_id}`)).toMatchObject({
    bookingId: missed.booking_id,
  });
});

/** The newest number under which a process does what only one may do. */
async function tokenOf(name: string): Promise<number> {
  const { rows } = await servers.database.query<{ token: number }>(
    "SELECT token::float8 AS token FROM fences WHERE name = $1",
    [name],
  );
  return rows[0]?.token ?? 0;
}
