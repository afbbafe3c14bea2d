import { setTimeout as sleep } from "node:timers/promises";
import { type ChargeRequest, ConnectorStatus, CounterWish, WireBookingState } from "@greenlane/contracts";
import { openRedis } from "@greenlane/redis";
import { type Clock, silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { findBooking, listBookings } from "@greenlane/timescale";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { countOverlaps, slotDifferences } from "./agreement.ts";
import { type BookingProcess, startBookingProcess } from "./bookingProcess.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

const CARS = Array.from({ length: 12 }, (_, n) => `m-${n + 1}`);
const ENV = { AUDIT_EVERY_MS: "200", LEASE_MS: "800", HOLD_MS: "1500" };
/** How long a car that is in a hurry waits for its offers, ms; they may never come. */
const HURRY_MS = 400;
/** For all runs: processes are killed and started anew in them, which takes its time on a busy machine. */
const PATIENCE_MS = 600_000;
/** What a command leaves the others to happen beside it, ms. */
const BESIDE_MS = 15;

let servers: Servers;
let steady: BookingService;
let mortal: BookingProcess;
let clockOffMs = 0;
const steppedClock: Clock = { nowMs: () => Date.now() + clockOffMs };

beforeAll(async () => {
  servers = await startServers(stationsInRow(2, 2));
  steady = await servers.booking({ ...ENV, INSTANCE_ID: "steady" }, steppedClock);
  mortal = await startBookingProcess(servers, "mortal", ENV);
});
afterAll(async () => {
  await steady.stop();
  await mortal[Symbol.asyncDispose]();
  await servers[Symbol.asyncDispose]();
});

/** What cars have said and were told, in one run. */
class World {
  clients: TestClient[] = [];
  readonly asked = new Map<string, ChargeRequest>();

  connect(): void {
    for (const client of this.clients) client[Symbol.dispose]();
    const earlier = this.clients.flatMap(({ heard }) => heard);
    this.clients = [new TestClient(steady.grpcPort), new TestClient(mortal.grpcPort)];
    this.clients[0]?.heard.push(...earlier);
  }

  via(n: number): TestClient {
    return this.clients[n % this.clients.length] as TestClient;
  }

  /** Of all that was told to a car. */
  told(carId: string) {
    const bookings = this.clients.flatMap((client) => client.of("booking", carId));
    return bookings.sort((a, b) => a.version - b.version);
  }

  lastOffers(carId: string) {
    return this.clients.flatMap((client) => client.of("offers", carId)).at(-1);
  }
}

type Command = fc.AsyncCommand<object, World>;

function command(name: string, run: (world: World) => unknown): Command {
  return {
    check: () => true,
    run: async (_, world) => {
      await run(world);
      await sleep(BESIDE_MS);
    },
    toString: () => name,
  };
}

const car = fc.constantFrom(...CARS);
const via = fc.nat(1);

const asks = fc.tuple(car, via, fc.constantFrom(40, 60, 80)).map(([carId, n, target_level]) =>
  command(`${carId} asks ${n} for ${target_level} %`, (world) => {
    const request = wish(carId, { target_level });
    world.asked.set(carId, request);
    world.via(n).ask(request);
  }),
);
/** Asks, and takes one of the offers as soon as they are there. */
const books = fc.tuple(car, via, fc.nat(4)).map(([carId, n, which]) =>
  command(`${carId} books offer ${which} at ${n}`, async (world) => {
    const request = wish(carId);
    world.asked.set(carId, request);
    world.via(n).ask(request);
    const untilMs = Date.now() + HURRY_MS;
    const mine = () => world.lastOffers(carId)?.request_id === request.request_id;
    while (!mine() && Date.now() < untilMs) await sleep(5);
    const { offers = [] } = world.lastOffers(carId) ?? {};
    if (mine()) world.via(n).accept(request, offers[which % offers.length]);
  }),
);
const asksAgain = fc.tuple(car, via).map(([carId, n]) =>
  command(`${carId} asks ${n} again`, (world) => {
    const request = world.asked.get(carId);
    if (request !== undefined) world.via(n).ask(request);
  }),
);
const accepts = fc.tuple(car, via, fc.nat(4)).map(([carId, n, which]) =>
  command(`${carId} accepts offer ${which} at ${n}`, (world) => {
    const offers = world.lastOffers(carId);
    const offer = offers?.offers[which % offers.offers.length];
    if (offers !== undefined) world.via(n).accept({ car_id: carId, request_id: offers.request_id }, offer);
  }),
);
const declines = fc.tuple(car, via).map(([car_id, n]) =>
  command(`${car_id} declines at ${n}`, (world) => {
    world.via(n).say({ decline: { car_id, request_id: world.lastOffers(car_id)?.request_id ?? "" } });
  }),
);
const counters = fc
  .tuple(car, via, fc.constantFrom(CounterWish.SOONER, CounterWish.LESS_ENERGY))
  .map(([car_id, n, w]) =>
    command(`${car_id} counters at ${n}`, (world) => {
      world.via(n).say({ counter: { car_id, request_id: world.lastOffers(car_id)?.request_id ?? "", wish: w } });
    }),
  );
const cancels = fc.tuple(car, via).map(([carId, n]) =>
  command(`${carId} cancels at ${n}`, async (world) => {
    const client = world.via(n);
    const booking_id = world.told(carId).at(-1)?.booking_id;
    // It may be over, or the process gone: then there is nothing to cancel.
    if (booking_id !== undefined)
      await client.call(client.service.CancelBooking, { booking_id }).catch(() => undefined);
  }),
);
const moves = fc.tuple(car, via, fc.integer({ min: 1, max: 240 })).map(([car_id, n, minutes]) =>
  command(`${car_id} moves by ${minutes} min at ${n}`, (world) => {
    const booking = world.told(car_id).at(-1);
    if (booking === undefined) return;
    world.via(n).say({ move: { car_id, booking_id: booking.booking_id, earliest: booking.start + minutes * 60_000 } });
  }),
);
const breaks = fc.tuple(fc.constantFrom("station-1", "station-2"), fc.boolean()).map(([station_id, works]) =>
  command(`${station_id} ${works ? "is mended" : "breaks down"}`, async (world) => {
    const client = world.via(0);
    const status = works ? ConnectorStatus.AVAILABLE : ConnectorStatus.OUT_OF_ORDER;
    await client.call(client.service.SetStationStatus, { station_id, status });
  }),
);
const flushes = fc.constant(
  command("Redis is flushed", async () => {
    const redis = await openRedis(servers.redis.url, silentLogger);
    await redis.flushall();
    redis.disconnect();
  }),
);
const steps = fc.integer({ min: -120, max: 120 }).map((seconds) =>
  command(`the clock of 0 is off by ${seconds} s`, () => {
    clockOffMs = seconds * 1_000;
  }),
);
const dies = fc.constant(
  command("1 is killed, and another takes its place", async (world) => {
    await mortal.replace();
    world.connect();
  }),
);

const anything = fc.array(
  fc.oneof(
    { arbitrary: books, weight: 12 },
    { arbitrary: cancels, weight: 4 },
    { arbitrary: moves, weight: 3 },
    { arbitrary: fc.oneof(asks, asksAgain, accepts, declines, counters), weight: 8 },
    { arbitrary: fc.oneof(breaks, flushes, steps), weight: 4 },
    { arbitrary: dies, weight: 1 },
  ),
  { minLength: 70, maxLength: 70 },
);

test(
  "whatever cars say, crashes and is lost: no slot is sold twice, no booking is lost, no slot is leaked",
  async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (run) => {
        const world = new World();
        world.connect();
        await servers.database.query("TRUNCATE bookings, booking_outbox");
        await servers.database.query("UPDATE connectors SET status = 'available'");
        await fc.asyncModelRun(() => ({ model: {}, real: world }), run);
        clockOffMs = 0;
        await until("Redis and the database agree", async () => (await slotDifferences(servers)).length === 0);
        expect(await countOverlaps(servers)).toBe(0);
        for (const carId of CARS) await expectKept(world, carId);
        for (const client of world.clients) client[Symbol.dispose]();
      }),
      { numRuns: 4, endOnFailure: true },
    );
  },
  PATIENCE_MS,
);

/** The car has one booking at most, and what it was told of stands as it was told, or as it has become since. */
async function expectKept(world: World, carId: string): Promise<void> {
  const reserved = await listBookings(servers.database, { carId, states: ["RESERVED"], limit: 10 });
  expect(reserved.length, carId).toBeLessThanOrEqual(1);
  for (const told of world.told(carId)) {
    const stands = await findBooking(servers.database, told.booking_id);
    expect(stands, `${carId} was told of ${told.booking_id}`).toBeDefined();
    expect(stands?.version).toBeGreaterThanOrEqual(told.version);
    if (stands?.version === told.version) expect(WireBookingState[stands.state]).toBe(told.state);
  }
}
