import { randomBytes } from "node:crypto";
import { connect as connectHttp2, constants } from "node:http2";
import { createConnection } from "node:net";
import { API_TOKEN_METADATA, DEVELOPMENT_API_TOKEN, loadFleetPackage } from "@greenlane/contracts";
import { startCuttableProxy, until } from "@greenlane/testkit";
import { status } from "@grpc/grpc-js";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ingestion } from "../src/app.ts";
import { handClock, metric, type Servers, startServers } from "./startedIngestion.ts";
import { connect, TestCar } from "./testCar.ts";

let servers: Servers;
const running: Ingestion[] = [];

beforeAll(async () => {
  servers = await startServers();
});
afterAll(async () => {
  for (const ingestion of running) await ingestion.stop();
  await servers[Symbol.asyncDispose]();
});

async function start(...args: Parameters<Servers["ingestion"]>): Promise<Ingestion> {
  const ingestion = await servers.ingestion(...args);
  running.push(ingestion);
  return ingestion;
}

/** A car is served: whatever was done to others, nobody else notices. */
async function serves(ingestion: Ingestion): Promise<void> {
  const car = new TestCar(ingestion.grpcPort);
  car.send(Date.now());
  await car.answered(1);
  await car.leave();
}

test("a message over the size limit ends its stream, and no other", async () => {
  const ingestion = await start();
  const big = new TestCar(ingestion.grpcPort);
  big.send(Date.now(), { car_id: "x".repeat(100_000) });
  expect((await big.over()).code).toBe(status.RESOURCE_EXHAUSTED);
  await serves(ingestion);
});

test("a stream gets so many events a second, and the rest when its time has come", async () => {
  const clock = handClock();
  const ingestion = await start({ STREAM_MAX_EVENTS_PER_SECOND: "10" }, clock);
  const fast = new TestCar(ingestion.grpcPort);
  for (let n = 0; n < 25; n++) fast.send(clock.nowMs() + n);
  await fast.answered(10);
  await serves(ingestion);
  expect(fast.answers).toHaveLength(10);
  clock.advance(1_000);
  await fast.answered(20);
  await serves(ingestion);
  expect(fast.answers).toHaveLength(20);
  clock.advance(1_000);
  await fast.answered(25);
  await fast.leave();
});

test("a stream that sends nothing is ended after the idle time, one that sends is not", async () => {
  const clock = handClock();
  const ingestion = await start({ STREAM_IDLE_MS: "60000" }, clock);
  const [silent, lively] = [new TestCar(ingestion.grpcPort), new TestCar(ingestion.grpcPort)];
  for (const car of [silent, lively]) car.send(clock.nowMs());
  await Promise.all([silent.answered(1), lively.answered(1)]);
  clock.advance(59_000);
  lively.send(clock.nowMs());
  await lively.answered(2);
  clock.advance(2_000);
  expect((await silent.over()).code).toBe(status.DEADLINE_EXCEEDED);
  expect(lively.ended).toBeUndefined();
  await lively.leave();
});

test("a connection gets so many streams; the next one waits until there is room", async () => {
  const ingestion = await start({ STREAMS_PER_CONNECTION: "2" });
  const connection = connect(ingestion.grpcPort);
  const [first, second] = [1, 2].map(() => new TestCar(ingestion.grpcPort, { connection }));
  for (const car of [first, second]) car?.send(Date.now());
  await Promise.all([first?.answered(1), second?.answered(1)]);
  const third = new TestCar(ingestion.grpcPort, { connection });
  third.send(Date.now());
  await serves(ingestion);
  expect(third.answers).toHaveLength(0);
  await first?.leave();
  await third.answered(1);
  await second?.leave();
  await third.leave();
  connection.close();
});

test("a client that never reads its acks is cut off, and no other car on its connection notices", async () => {
  const clock = handClock();
  const ingestion = await start({ ACK_UNREAD_MS: "10000", STREAM_MAX_EVENTS_PER_SECOND: "100000" }, clock);
  const connection = connect(ingestion.grpcPort);
  const deaf = new TestCar(ingestion.grpcPort, { connection });
  const neighbour = new TestCar(ingestion.grpcPort, { connection });
  deaf.call.pause();
  for (let n = 0; n < 20_000; n++) deaf.send(clock.nowMs() + n);
  let sent = 0;
  await until("it is cut off", async () => {
    neighbour.send(clock.nowMs() + sent++);
    await neighbour.answered(sent);
    clock.advance(1_000);
    return (await metric(ingestion, "ingestion_streams_ended_total", 'reason="not reading acks"')) === 1;
  });
  expect(neighbour.ended).toBeUndefined();
  deaf.call.resume();
  expect((await deaf.over()).code).toBe(status.RESOURCE_EXHAUSTED);
  await neighbour.leave();
  connection.close();
});

test("a stream that is over is not kept for a client that does not read its last answers", async () => {
  const clock = handClock();
  const ingestion = await start({ ACK_UNREAD_MS: "10000" }, clock);
  const session = connectHttp2(`http://127.0.0.1:${ingestion.grpcPort}`, { settings: { initialWindowSize: 0 } });
  session.on("error", () => undefined); // what the other side does of it is the test's matter
  const { requestSerialize } = loadFleetPackage().FleetService.service.StreamTelemetry;
  const report = requestSerialize({ car_id: "DEAF", latitude: 1, longitude: 1, timestamp: clock.nowMs() });
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: "/fleet.FleetService/StreamTelemetry",
    [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
    [API_TOKEN_METADATA]: DEVELOPMENT_API_TOKEN,
  });
  stream.on("error", () => undefined);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(report.length, 1);
  stream.end(Buffer.concat([frame, report]));
  await until("its end is counted", async () => (await metric(ingestion, "ingestion_streams_ended_total")) === 1);
  expect(await metric(ingestion, "ingestion_streams")).toBe(1);
  clock.advance(10_001);
  await until("it is gone", async () => (await metric(ingestion, "ingestion_streams")) === 0);
  session.destroy();
});

test("a clock that is set back stops no stream", async () => {
  const clock = handClock();
  const ingestion = await start({ STREAM_MAX_EVENTS_PER_SECOND: "5" }, clock);
  const car = new TestCar(ingestion.grpcPort);
  const nowMs = clock.nowMs();
  car.send(nowMs);
  await car.answered(1);
  clock.advance(-60_000);
  for (let n = 1; n <= 4; n++) car.send(nowMs + n);
  await car.answered(5);
  clock.advance(1_000);
  await car.leave();
});

test("a half-open connection is found by keepalive and its stream ended", async () => {
  const ingestion = await start({ KEEPALIVE_MS: "1000" });
  const proxy = await startCuttableProxy(ingestion.grpcPort);
  const car = new TestCar(proxy.port);
  car.send(Date.now());
  await car.answered(1);
  proxy.block();
  await until("its stream is ended", async () => (await metric(ingestion, "ingestion_streams")) === 0);
  proxy.close();
  await car.over();
});

test("random bytes in place of messages end their own stream, and ingestion serves on", async () => {
  const ingestion = await start();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, framed) => {
      const session = connectHttp2(`http://127.0.0.1:${ingestion.grpcPort}`);
      session.on("error", () => undefined); // what the other side does of it is the test's matter
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: "POST",
        [constants.HTTP2_HEADER_PATH]: "/fleet.FleetService/StreamTelemetry",
        [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
        [API_TOKEN_METADATA]: DEVELOPMENT_API_TOKEN,
      });
      const frame = Buffer.alloc(5);
      frame.writeUInt32BE(bytes.length, 1);
      stream.on("error", () => undefined).resume();
      stream.end(framed ? Buffer.concat([frame, bytes]) : bytes);
      await until("the stream is over", () => stream.closed);
      session.destroy();
    }),
    { numRuns: 60 },
  );
  for (let n = 0; n < 10; n++) createConnection(ingestion.grpcPort, "127.0.0.1").end(randomBytes(1_000));
  await serves(ingestion);
  await until("no stream is left", async () => (await metric(ingestion, "ingestion_streams")) === 0);
});

test("a message that is none ends its stream, though answers to those before it are on their way", async () => {
  const ingestion = await start();
  const { requestSerialize } = loadFleetPackage().FleetService.service.StreamTelemetry;
  const refused = requestSerialize({ car_id: "BAD", battery_level: -1, timestamp: Date.now() });
  const messages = [refused, refused, refused, Buffer.from([0xff, 0xff])];
  const session = connectHttp2(`http://127.0.0.1:${ingestion.grpcPort}`);
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: "/fleet.FleetService/StreamTelemetry",
    [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
    [API_TOKEN_METADATA]: DEVELOPMENT_API_TOKEN,
  });
  let code: unknown;
  stream.on("trailers", (trailers) => {
    code = trailers["grpc-status"];
  });
  const frames = messages.flatMap((message) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    return [head, message];
  });
  stream.resume().end(Buffer.concat(frames));
  await until("the client is told", () => stream.closed);
  expect(code).toBe(`${status.INTERNAL}`);
  session.destroy();
});

test("500 streams opened and killed leave no stream, no socket and no memory behind", async () => {
  const ingestion = await start();
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--expose-gc");
  const collectGarbage = (await import("node:vm")).runInNewContext("gc") as () => void;
  async function openAndKill(): Promise<{ heapMb: number; sockets: number }> {
    const connections = Array.from({ length: 10 }, () => connect(ingestion.grpcPort));
    const cars = connections.flatMap((connection) =>
      Array.from({ length: 50 }, () => new TestCar(ingestion.grpcPort, { connection })),
    );
    for (const car of cars) car.send(Date.now());
    await Promise.all(cars.map((car) => car.answered(1)));
    for (const car of cars) car.call.cancel();
    for (const connection of connections) connection.close();
    await until("all streams are ended", async () => (await metric(ingestion, "ingestion_streams")) === 0);
    await Promise.all(cars.map((car) => car.over()));
    collectGarbage();
    const sockets = process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length;
    return { heapMb: process.memoryUsage().heapUsed / 2 ** 20, sockets };
  }
  await openAndKill();
  const early = await openAndKill();
  await openAndKill();
  const late = await until("the sockets are closed", async () => {
    const now = await openAndKill();
    return now.sockets <= early.sockets ? now : undefined;
  });
  // A stream takes some 20 kB while it lives: 1,000 kept would be 20 MB.
  expect(late.heapMb - early.heapMb).toBeLessThan(8);
});
