import {
  API_TOKEN_METADATA,
  type BookingEvent,
  BookingStatus,
  type CarStatus,
  DEVELOPMENT_API_TOKEN,
  MAX_BATCH_REPORTS,
  TOPICS,
} from "@greenlane/contracts";
import { openLogWriter } from "@greenlane/kafka";
import { carState, openRedis } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { startCuttableProxy, until } from "@greenlane/testkit";
import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ingestion } from "../src/app.ts";
import { handClock, metric, type Servers, startServers, timesInLog } from "./startedIngestion.ts";
import { connect } from "./testCar.ts";
import { TestGateway } from "./testGateway.ts";

let servers: Servers;
let ingestion: Ingestion;
const others: Ingestion[] = [];

beforeAll(async () => {
  servers = await startServers();
  ingestion = await servers.ingestion();
});
afterAll(async () => {
  for (const each of [ingestion, ...others]) await each.stop();
  await servers[Symbol.asyncDispose]();
});

async function start(...args: Parameters<Servers["ingestion"]>): Promise<Ingestion> {
  const other = await servers.ingestion(...args);
  others.push(other);
  return other;
}

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);

test("what is acked is in the log, each car's reports in their order, and on the map; half-close ends with OK", async () => {
  const gateway = new TestGateway(ingestion.grpcPort);
  const nowMs = Date.now();
  for (let batch = 0; batch < 20; batch++) {
    const first = 1 + batch * 50;
    gateway.send(
      first,
      numbers(first, 50).map((n) => gateway.report(n % 3, nowMs + n)),
    );
  }
  gateway.call.end();
  expect((await gateway.over()).code).toBe(status.OK);
  expect(gateway.ackedSequence).toBe(1_000);
  expect(gateway.rejected).toEqual([]);
  for (const car of [0, 1, 2]) {
    const sent = numbers(1, 1_000).filter((n) => n % 3 === car);
    expect(await timesInLog(servers, gateway.car(car))).toEqual(sent.map((n) => nowMs + n));
  }
  const redis = await openRedis(servers.redis.url, silentLogger);
  await until(
    "the map has the newest report",
    async () => (await carState(redis, gateway.car(1)))?.timestampMs === nowMs + 1_000,
  );
  redis.disconnect();
});

test("what becomes durable together is acked together: far fewer answers than reports, and their numbers rise", async () => {
  const gateway = new TestGateway(ingestion.grpcPort);
  const nowMs = Date.now();
  for (let n = 1; n <= 2_000; n++) gateway.send(n, [gateway.report(n, nowMs)]);
  await gateway.acked(2_000);
  const told = gateway.answers.map(({ acked_sequence }) => acked_sequence);
  expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
  expect(told.length).toBeLessThan(1_000);
  await gateway.leave();
});

test.each([
  ["car_id", { car_id: "" }],
  ["latitude", { latitude: 90.1 }],
  ["battery_level", { battery_level: Number.NaN }],
  ["timestamp", { timestamp: 1 }],
  ["timestamp", { timestamp: Date.now() + 3_600_000 }],
] as [string, CarStatus][])(
  "a bad %s is named by its report's number (%o), and the rest of the batch is stored",
  async (field, change) => {
    const gateway = new TestGateway(ingestion.grpcPort);
    const nowMs = Date.now();
    const before = await metric(ingestion, "ingestion_events_rejected_total", `field="${field}"`);
    gateway.send(11, [gateway.report(1, nowMs), gateway.report(1, nowMs + 1, change), gateway.report(1, nowMs + 2)]);
    await gateway.acked(13);
    expect(gateway.rejected).toEqual([
      { sequence: 12, car_id: change.car_id ?? gateway.car(1), field, reason: expect.stringContaining(field) },
    ]);
    expect(await timesInLog(servers, gateway.car(1))).toEqual([nowMs, nowMs + 2]);
    expect(await metric(ingestion, "ingestion_events_rejected_total", `field="${field}"`)).toBe(before + 1);
    await gateway.leave();
  },
);

test("a batch without a good report is answered, also behind one that is not durable yet", async () => {
  const gateway = new TestGateway(ingestion.grpcPort);
  const nowMs = Date.now();
  const bad = numbers(0, 3).map((n) => gateway.report(1, nowMs + n, { velocity: -1 }));
  gateway.send(1, bad);
  gateway.send(10, [gateway.report(1, nowMs)]);
  gateway.send(20, bad);
  await gateway.acked(22);
  expect(gateway.rejected.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 20, 21, 22]);
  await gateway.leave();
});

test("of a batch that goes to the log in parts each part is acked when it is durable, with the bad reports up to there", async () => {
  const small = await start({ BATCH_MAX_EVENTS: "10" });
  const gateway = new TestGateway(small.grpcPort);
  const nowMs = Date.now();
  const bad = new Set([1, 5, 14, 15, 100]);
  const reports = numbers(1, 100).map((n) => gateway.report(1, nowMs + n, bad.has(n) ? { latitude: 91 } : {}));
  gateway.send(1, reports);
  await gateway.acked(100);
  const told = gateway.answers.map(({ acked_sequence, rejected }) => [acked_sequence, rejected.map((r) => r.sequence)]);
  // The first is of no good report.
  expect(told).toEqual([
    ...[
      [1, [1]],
      [12, [5]],
      [24, [14, 15]],
    ],
    ...[34, 44, 54, 64, 74, 84, 94].map((sequence) => [sequence, []]),
    [100, [100]],
  ]);
  await gateway.leave();
});

test("nothing is acked before it is durable; told UNAVAILABLE, the gateway resends what was not acked, and all is in the log", async () => {
  const gateway = new TestGateway(ingestion.grpcPort);
  const nowMs = Date.now();
  const batch = (to: TestGateway, first: number) =>
    to.send(
      first,
      numbers(first, 100).map((n) => to.report(n % 2, nowMs + n)),
    );
  batch(gateway, 1);
  await gateway.acked(100);
  servers.kafka.pause();
  batch(gateway, 101);
  batch(gateway, 201);
  const ended = await gateway.over().finally(() => servers.kafka.resume());
  expect(ended.code).toBe(status.UNAVAILABLE);
  expect(ended.details).toContain("resend");
  expect(gateway.ackedSequence).toBe(100);
  await until("a new stream is acked", async () => {
    const again = new TestGateway(ingestion.grpcPort, { id: gateway.id });
    for (const first of [101, 201]) batch(again, first);
    await until("it is acked or ended", () => again.ackedSequence === 300 || again.ended);
    again.call.end();
    return again.ackedSequence === 300;
  });
  for (const car of [0, 1]) {
    const times = new Set(await timesInLog(servers, gateway.car(car)));
    expect(times).toEqual(
      new Set(
        numbers(1, 300)
          .filter((n) => n % 2 === car)
          .map((n) => nowMs + n),
      ),
    );
  }
});

test("whatever an ack told before the connection broke is in the log", async () => {
  const proxy = await startCuttableProxy(ingestion.grpcPort);
  const gateway = new TestGateway(proxy.port);
  const nowMs = Date.now();
  for (let n = 1; n <= 3_000; n += 100)
    gateway.send(
      n,
      numbers(n, 100).map((m) => gateway.report(1, nowMs + m)),
    );
  await gateway.acked(1);
  proxy.close();
  await gateway.over();
  const logged = new Set(await timesInLog(servers, gateway.car(1)));
  expect(numbers(1, gateway.ackedSequence).filter((n) => !logged.has(nowMs + n))).toEqual([]);
});

test("a stop acks what is in flight and tells the gateway to come back", async () => {
  const stopping = await servers.ingestion();
  const gateway = new TestGateway(stopping.grpcPort);
  const nowMs = Date.now();
  gateway.send(
    1,
    numbers(1, 100).map((n) => gateway.report(n, nowMs)),
  );
  await until("it came", async () => (await metric(stopping, "ingestion_events_accepted_total")) === 100);
  await stopping.stop();
  expect((await gateway.over()).code).toBe(status.UNAVAILABLE);
  expect(gateway.ackedSequence).toBe(100);
});

test("a stop while Kafka is paused tells the gateway to resend what was not acked", async () => {
  const stopping = await servers.ingestion();
  const gateway = new TestGateway(stopping.grpcPort);
  gateway.send(1, [gateway.report(1, Date.now())]);
  await gateway.acked(1);
  servers.kafka.pause();
  gateway.send(2, [gateway.report(1, Date.now())]);
  await until("it came", async () => (await metric(stopping, "ingestion_events_accepted_total")) === 2);
  await stopping.stop().finally(() => servers.kafka.resume());
  expect(await gateway.over()).toMatchObject({
    code: status.UNAVAILABLE,
    details: expect.stringContaining("resend"),
  });
  expect(gateway.ackedSequence).toBe(1);
});

test.each([
  ["whose numbers do not rise", [5, 5], 1, "must rise"],
  ["whose numbers overlap those of the one before", [5, 14], 10, "must rise"],
  ["without numbers", [0], 1, "must be 1 at least"],
  ["with negative numbers", [-3], 1, "must be 1 at least"],
  ["with numbers beyond 2^53", [2 ** 53], 1, "below 2^53"],
  ["of too many reports", [1], MAX_BATCH_REPORTS + 1, "1000 reports"],
])("a batch %s ends its stream with INVALID_ARGUMENT, which says why", async (_what, firsts, count, why) => {
  const gateway = new TestGateway(ingestion.grpcPort);
  for (const first of firsts) gateway.send(first, Array(count).fill({}));
  expect(await gateway.over()).toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining(why),
  });
});

test("numbers may begin anywhere and leave some out", async () => {
  const gateway = new TestGateway(ingestion.grpcPort);
  const nowMs = Date.now();
  for (const [n, first] of [1_000, 5_000, Number.MAX_SAFE_INTEGER - 1].entries())
    gateway.send(first, [gateway.report(1, nowMs + n)]);
  await gateway.acked(Number.MAX_SAFE_INTEGER - 1);
  await gateway.leave();
});

test("bytes that are no batch end their own stream, are counted, and no other gateway on the connection notices", async () => {
  const connection = connect(ingestion.grpcPort);
  const neighbour = new TestGateway(ingestion.grpcPort, { connection });
  neighbour.send(1, [neighbour.report(1, Date.now())]);
  await neighbour.acked(1);
  const before = await metric(ingestion, "ingestion_messages_malformed_total");
  const metadata = new Metadata();
  metadata.set(API_TOKEN_METADATA, DEVELOPMENT_API_TOKEN);
  const asTheyAre = (bytes: Buffer) => bytes;
  const bad = connection.makeBidiStreamRequest("/fleet.FleetService/StreamFleet", asTheyAre, asTheyAre, metadata);
  let ended: StatusObject | undefined;
  bad.on("data", () => undefined).on("error", () => undefined); // `ended` tells it
  bad.on("status", (how) => {
    ended = how;
  });
  bad.write(Buffer.from([18, 50, 10]));
  expect((await until("it is over", () => ended)).code).toBe(status.INTERNAL);
  expect(await metric(ingestion, "ingestion_messages_malformed_total")).toBe(before + 1);
  neighbour.send(2, [neighbour.report(1, Date.now())]);
  await neighbour.acked(2);
  await neighbour.leave();
  connection.close();
});

test("a gateway gets so many events a second, and the rest when its time has come", async () => {
  const clock = handClock();
  const slow = await start({ GATEWAY_MAX_EVENTS_PER_SECOND: "10" }, clock);
  const [fast, other] = [new TestGateway(slow.grpcPort), new TestGateway(slow.grpcPort)];
  for (let n = 1; n <= 25; n += 5)
    fast.send(
      n,
      numbers(n, 5).map((m) => fast.report(m, clock.nowMs())),
    );
  await fast.acked(10);
  other.send(1, [other.report(1, clock.nowMs())]);
  await other.acked(1);
  expect(fast.ackedSequence).toBe(10);
  clock.advance(1_000);
  await fast.acked(20);
  other.send(2, [other.report(1, clock.nowMs())]);
  await other.acked(2);
  expect(fast.ackedSequence).toBe(20);
  clock.advance(1_000);
  await fast.acked(25);
  for (const gateway of [fast, other]) await gateway.leave();
});

test("while Kafka is paused a bounded number of a gateway's reports waits, and its stream is paused", async () => {
  const bounded = await start({ GATEWAY_MAX_WAITING: "500" });
  const gateway = new TestGateway(bounded.grpcPort);
  servers.kafka.pause();
  const nowMs = Date.now();
  for (let n = 1; n <= 4_000; n += 100)
    gateway.send(
      n,
      numbers(n, 100).map((m) => gateway.report(m, nowMs)),
    );
  const accepted = () => metric(bounded, "ingestion_events_accepted_total");
  await until("it is paused", async () => (await accepted()) >= 500).finally(() => servers.kafka.resume());
  expect(await accepted()).toBeLessThan(600);
  await until("it is acked or told", () => gateway.ackedSequence === 4_000 || gateway.ended);
  gateway.call.end();
  await gateway.over();
});

test("a gateway that sends nothing is ended after the idle time; a batch without reports says that it is there", async () => {
  const clock = handClock();
  const strict = await start({ STREAM_IDLE_MS: "60000" }, clock);
  const [silent, lively] = [new TestGateway(strict.grpcPort), new TestGateway(strict.grpcPort)];
  for (const gateway of [silent, lively]) {
    gateway.send(1, [gateway.report(1, clock.nowMs())]);
    await gateway.acked(1);
  }
  clock.advance(59_000);
  lively.send(0, []);
  lively.send(2, [lively.report(1, clock.nowMs(), { latitude: 91 })]); // shows that the one before has come
  await lively.acked(2);
  clock.advance(2_000);
  expect((await silent.over()).code).toBe(status.DEADLINE_EXCEEDED);
  expect(lively.ended).toBeUndefined();
  await lively.leave();
});

test("a gateway that never reads its answers is cut off, and no other on its connection notices", async () => {
  const clock = handClock();
  const patient = await start({ ACK_UNREAD_MS: "10000" }, clock);
  const connection = connect(patient.grpcPort);
  const deaf = new TestGateway(patient.grpcPort, { connection });
  const neighbour = new TestGateway(patient.grpcPort, { connection });
  deaf.call.pause();
  for (let n = 0; n < 50; n++) deaf.send(1 + n * 500, Array(500).fill({}));
  let sent = 0;
  await until("it is cut off", async () => {
    neighbour.send(++sent, [neighbour.report(1, clock.nowMs() + sent)]);
    await neighbour.acked(sent);
    clock.advance(1_000);
    return (await metric(patient, "ingestion_streams_ended_total", 'reason="not reading acks"')) === 1;
  });
  expect(neighbour.ended).toBeUndefined();
  deaf.call.resume();
  expect((await deaf.over()).code).toBe(status.RESOURCE_EXHAUSTED);
  await neighbour.leave();
  connection.close();
});

test("a wrong token is told UNAUTHENTICATED", async () => {
  const gateway = new TestGateway(ingestion.grpcPort, { token: "guess" });
  gateway.send(1, [gateway.report(1, Date.now())]);
  expect((await gateway.over()).code).toBe(status.UNAUTHENTICATED);
});

test("each car of a gateway comes with its first good report and goes with the stream", async () => {
  const gateway = new TestGateway(ingestion.grpcPort);
  const nowMs = Date.now();
  const bad = { velocity: -1 };
  gateway.send(1, [gateway.report(1, nowMs), gateway.report(2, nowMs), gateway.report(3, nowMs, bad)]);
  gateway.send(4, [gateway.report(2, nowMs + 1), gateway.report(1, nowMs + 1)]);
  await gateway.acked(5);
  await gateway.leave();
  const events = async (car: number) =>
    (await servers.recordsOf(TOPICS.fleetConnectivity, gateway.car(car))).map(
      ({ value }) => `${value.event_type} ${value.reason}`,
    );
  await until("both are gone", async () => (await events(1)).length === 2 && (await events(2)).length === 2);
  for (const car of [1, 2])
    expect(await events(car)).toEqual(["car_connected first report", "car_disconnected half-close"]);
  expect(await events(3)).toEqual([]);
});

test("news of a car's booking comes in an answer of the gateway that spoke for it, beside what is acked", async () => {
  const gateway = new TestGateway(ingestion.grpcPort);
  gateway.send(1, [gateway.report(1, Date.now()), gateway.report(2, Date.now())]);
  await gateway.acked(2);
  const event: BookingEvent = {
    ...{ event_id: 1, event_type: "booking_confirmed", booking_id: "b-1", car_id: gateway.car(2), station_id: "S-1" },
    ...{ connector_id: "1", status: 1, state: "RESERVED", timestamp: Date.now(), price_rate: 0.2, start: 1, end: 2 },
    ...{ kwh: 20, request_id: "r", reason: "", version: 1 },
  };
  {
    const kafka = { KAFKA_BROKERS: [servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 2_000 };
    await using log = await openLogWriter(kafka, "test", silentLogger);
    await log.append(TOPICS.bookingEvents, [{ key: event.car_id, value: JSON.stringify(event) }]);
  }
  const told = await until("it is told", () => gateway.answers.find(({ news }) => news.length > 0));
  expect(told.acked_sequence).toBe(2);
  expect(told.news).toMatchObject([
    { booking_id: "b-1", car_id: gateway.car(2), status: BookingStatus.BOOKING_CONFIRMED },
  ]);
  await gateway.leave();
});
