import { type BookingEvent, BookingStatus, ConnectorStatus, TOPICS, WireBookingState } from "@greenlane/contracts";
import { type LogWriter, openLogWriter } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ingestion } from "../src/app.ts";
import { type BookingProcess, startBookingProcess } from "./bookingProcess.ts";
import { handClock, metric, type Servers, startServers } from "./startedIngestion.ts";
import { connect, TestCar } from "./testCar.ts";

let servers: Servers;
let ingestion: Ingestion;
let booking: BookingProcess;
let log: LogWriter;

beforeAll(async () => {
  servers = await startServers();
  booking = await startBookingProcess(servers);
  ingestion = await servers.ingestion();
  const kafka = { KAFKA_BROKERS: [servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 2_000 };
  log = await openLogWriter(kafka, "test", silentLogger);
});
afterAll(async () => {
  await log[Symbol.asyncDispose]();
  await ingestion.stop();
  await booking[Symbol.asyncDispose]();
  await servers[Symbol.asyncDispose]();
});

/** A car of the first contract, that only streams telemetry, after its first ack. */
async function streamingCar(): Promise<TestCar> {
  const car = new TestCar(ingestion.grpcPort);
  car.send(Date.now());
  await car.answered(1);
  return car;
}

const newsOf = ({ answers }: TestCar) => answers.filter(({ booking_id }) => booking_id !== "");
const hears = (car: TestCar, count: number) => until(`${count} news came`, () => newsOf(car)[count - 1]);

test("a car that only streams telemetry learns of its booking, and of its move when the connector fails", async () => {
  const car = await streamingCar();
  const arrival = Date.now() + 600_000;
  const booked = await booking.book({ car_id: car.id, station_id: "S-1", expected_arrival: arrival });
  expect(await hears(car, 1)).toMatchObject({
    ...{ booking_id: booked.booking_id, car_id: car.id, station_id: "S-1", connector_id: booked.connector_id },
    ...{ status: BookingStatus.BOOKING_CONFIRMED, state: WireBookingState.RESERVED },
    ...{ price_rate: booked.price_rate, start: booked.start, end: booked.end, kwh: booked.kwh },
  });
  expect(newsOf(car)[0]?.message).toContain(`Booked connector ${booked.connector_id} of S-1`);
  await booking.setStatus({ station_id: "S-1", connector_id: booked.connector_id }, ConnectorStatus.OUT_OF_ORDER);
  const moved = await hears(car, 2);
  expect(moved).toMatchObject({ booking_id: booked.booking_id, status: BookingStatus.BOOKING_CONFIRMED });
  expect(moved.connector_id).not.toBe(booked.connector_id);
  expect(moved.message).toContain("out of order");
  await car.leave();
});

test("a car that does not come learns that its booking has expired", async () => {
  const car = await streamingCar();
  const booked = await booking.book({ car_id: car.id, station_id: "S-1", expected_arrival: Date.now() });
  expect(await hears(car, 2)).toMatchObject({
    ...{ booking_id: booked.booking_id, status: BookingStatus.BOOKING_EXPIRED, state: WireBookingState.NO_SHOW },
    message: "Booking expired: the car did not come in time",
  });
  await car.leave();
});

/** An event as the database writes it. */
function change(carId: string, version: number): BookingEvent {
  return {
    ...{ event_id: version, event_type: "booking_moved", booking_id: `booking of ${carId}`, car_id: carId },
    ...{ station_id: "S-1", connector_id: "1", status: 1, state: "RESERVED", timestamp: Date.now(), price_rate: 0.2 },
    ...{ start: 1, end: 2, kwh: 20, request_id: "r", reason: "", version },
  };
}

const publish = (events: BookingEvent[]) =>
  log.append(
    TOPICS.bookingEvents,
    events.map((event) => ({ key: event.car_id, value: JSON.stringify(event) })),
  );

test("a stream that speaks for several cars hears of each, and its acks stay in order between the news", async () => {
  const depot = new TestCar(ingestion.grpcPort);
  const nowMs = Date.now();
  const cars = Array.from({ length: 20 }, (_, n) => `${depot.id}/${n}`);
  for (const [n, car_id] of cars.entries()) depot.send(nowMs + n, { car_id });
  await depot.answered(cars.length);
  const publishing = publish(cars.map((carId) => change(carId, 1)));
  for (let n = 0; n < 100; n++) depot.send(nowMs + cars.length + n, { car_id: cars[n % cars.length] ?? "" });
  await publishing;
  await depot.answered(2 * cars.length + 100);
  expect(
    newsOf(depot)
      .map(({ car_id }) => car_id)
      .sort(),
  ).toEqual(cars.toSorted());
  const acked = depot.answers.filter(({ booking_id }) => booking_id === "").map(({ timestamp }) => timestamp);
  expect(acked).toEqual(Array.from({ length: cars.length + 100 }, (_, n) => nowMs + n));
  await depot.leave();
});

test("a car hears its news where it came to speak last, also after the older stream ends", async () => {
  const older = await streamingCar();
  const newer = new TestCar(ingestion.grpcPort, { id: older.id });
  newer.send(Date.now());
  await newer.answered(1);
  await older.leave();
  await publish([change(older.id, 1)]);
  await hears(newer, 1);
  expect(newsOf(older)).toEqual([]);
  await newer.leave();
});

test("who is not here is not told, and the news does not wait for him", async () => {
  const gone = await streamingCar();
  await gone.leave();
  const here = await streamingCar();
  await publish([change(gone.id, 1)]);
  await publish([change(here.id, 1)]);
  await hears(here, 1);
  const back = new TestCar(ingestion.grpcPort, { id: gone.id });
  back.send(Date.now());
  await back.answered(1);
  await publish([change(gone.id, 2)]);
  await back.answered(2);
  expect(newsOf(back)).toHaveLength(1);
  for (const car of [here, back]) await car.leave();
});

test("a client that does not read its news is cut off, and no other car on its connection notices", async () => {
  const clock = handClock();
  const patient = await servers.ingestion({ ACK_UNREAD_MS: "10000" }, clock);
  const connection = connect(patient.grpcPort);
  const deaf = new TestCar(patient.grpcPort, { connection });
  const neighbour = new TestCar(patient.grpcPort, { connection });
  deaf.send(clock.nowMs());
  await deaf.answered(1);
  deaf.call.pause();
  for (let n = 0; n < 5; n++) {
    await publish(Array.from({ length: 1_000 }, (_, m) => change(deaf.id, n * 1_000 + m + 1)));
  }
  let sent = 0;
  await until("it is cut off", async () => {
    neighbour.send(clock.nowMs() + sent++);
    await neighbour.answered(sent);
    clock.advance(1_000);
    return (await metric(patient, "ingestion_streams_ended_total", 'reason="not reading acks"')) === 1;
  });
  deaf.call.resume();
  expect((await deaf.over()).code).toBe(status.RESOURCE_EXHAUSTED);
  expect(neighbour.ended).toBeUndefined();
  await neighbour.leave();
  connection.close();
  await patient.stop();
});

test("a client that leaves more than a bounded number of news unread is cut off before its time is over", async () => {
  const patient = await servers.ingestion({ ACK_UNREAD_MS: "10000" }, handClock());
  const deaf = new TestCar(patient.grpcPort);
  deaf.send(Date.now());
  await deaf.answered(1);
  deaf.call.pause();
  let version = 0;
  await until("it is cut off", async () => {
    await publish(Array.from({ length: 1_000 }, () => change(deaf.id, ++version)));
    return (await metric(patient, "ingestion_streams_ended_total", 'reason="not reading acks"')) === 1;
  });
  expect(version).toBeGreaterThan(10_000);
  deaf.call.resume();
  expect((await deaf.over()).code).toBe(status.RESOURCE_EXHAUSTED);
  await patient.stop();
});
