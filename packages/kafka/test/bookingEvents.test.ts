import { type BookingEvent, TOPICS } from "@greenlane/contracts";
import { silentLogger } from "@greenlane/runtime";
import { startKafka, type TestServer, until } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { followBookingEvents, type LogWriter, openLogWriter, openTopicAdmin } from "../src/index.ts";

let server: TestServer;
let log: LogWriter;
const config = () => ({ KAFKA_BROKERS: [server.url], KAFKA_REQUEST_TIMEOUT_MS: 2_000 });

beforeAll(async () => {
  server = await startKafka();
  await using admin = await openTopicAdmin(config(), "test", silentLogger);
  await admin.ensureTopics();
  log = await openLogWriter(config(), "test", silentLogger);
});
afterAll(async () => {
  await log[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const change = (carId: string, version: number): BookingEvent => ({
  ...{ event_id: version, event_type: "booking_moved", booking_id: `booking of ${carId}`, car_id: carId },
  ...{ station_id: "S-1", connector_id: "1", status: 1, state: "RESERVED", timestamp: Date.now(), price_rate: 0.2 },
  ...{ start: 1, end: 2, kwh: 20, request_id: "r", reason: "", version },
});

const write = (...events: BookingEvent[]) =>
  log.append(
    TOPICS.bookingEvents,
    events.map((event) => ({ key: event.car_id, value: JSON.stringify(event) })),
  );

/** Follows in the background; `heard` is what it was told, as car and version. */
async function listener(concerns?: (carId: string) => boolean) {
  const heard: string[] = [];
  const onEvents = (events: BookingEvent[]) =>
    void heard.push(...events.map(({ car_id, version }) => `${car_id} ${version}`));
  const following = await followBookingEvents(
    config(),
    { clientId: "test", onEvents, ...(concerns && { concerns }) },
    { logger: silentLogger },
  );
  return { heard, [Symbol.asyncDispose]: () => Promise.resolve(following[Symbol.asyncDispose]()) };
}

test("each listener hears of every change from its start on, in a car's order", async () => {
  await write(change("car-1", 1));
  await using first = await listener();
  await using second = await listener();
  await write(change("car-1", 2), change("car-1", 3));
  await write(change("car-1", 4));
  for (const { heard } of [first, second]) {
    await until("it hears the last", () => heard.includes("car-1 4"));
    expect(heard).toEqual(["car-1 2", "car-1 3", "car-1 4"]);
  }
});

test("a change that is written twice is heard once", async () => {
  await using follower = await listener();
  await write(change("car-2", 1), change("car-2", 2));
  await write(change("car-2", 1), change("car-2", 2), change("car-2", 3));
  await until("it hears the last", () => follower.heard.includes("car-2 3"));
  expect(follower.heard).toEqual(["car-2 1", "car-2 2", "car-2 3"]);
});

test("of cars that do not concern it, and of what is no event, a listener hears nothing", async () => {
  await using follower = await listener((carId) => carId === "car-3");
  await log.append(TOPICS.bookingEvents, [{ key: "car-3", value: "{not json" }]);
  await write(change("car-4", 1));
  await write(change("car-3", 1));
  await until("it hears its own", () => follower.heard.length > 0);
  expect(follower.heard).toEqual(["car-3 1"]);
});
