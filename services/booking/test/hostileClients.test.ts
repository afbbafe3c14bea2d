import { connect as connectHttp2, constants } from "node:http2";
import {
  API_TOKEN_METADATA,
  type CarMessage,
  DEVELOPMENT_API_TOKEN,
  loadFleetPackage,
  RefusalReason,
} from "@greenlane/contracts";
import { startCuttableProxy, until } from "@greenlane/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { BookingService } from "../src/app.ts";
import { type Servers, startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

const BAD_ID = "a\0b";
let servers: Servers;
const running: BookingService[] = [];

beforeAll(async () => {
  servers = await startServers(stationsInRow(1, 1));
});
afterEach(async () => {
  for (const booking of running.splice(0)) await booking.stop();
});
afterAll(() => servers[Symbol.asyncDispose]());

async function start(env: Record<string, string> = {}): Promise<BookingService> {
  const booking = await servers.booking({ HOLD_MS: "1000", ...env });
  running.push(booking);
  return booking;
}

const carsOf = async ({ adminPort }: BookingService) =>
  Number(/^booking_cars\{.*\} (\d+)$/m.exec(await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text())?.[1]);

test.each([
  ["request_id", { accept: { car_id: "C1", request_id: BAD_ID, offer_id: "O1" } }],
  ["request_id", { decline: { car_id: "C1", request_id: BAD_ID } }],
  ["request_id", { counter: { car_id: "C1", request_id: BAD_ID, wish: 1 } }],
  ["booking_id", { move: { car_id: "C1", booking_id: BAD_ID, earliest: 0 } }],
  [
    "consumption_kwh_per_km",
    { presence: { car_id: "C1", capacity_kwh: 60, consumption_kwh_per_km: Number.NaN, idle: true } },
  ],
  ["max_power_kw", { presence: { car_id: "C1", capacity_kwh: 60, max_power_kw: -1, idle: true } }],
] as [string, CarMessage][])(
  "a bad %s is refused by name, and is nothing to come back with (%o)",
  async (field, message) => {
    const booking = await start();
    using client = new TestClient(booking.grpcPort);
    client.say(message);
    const refusal = await client.hears("refusal", "C1");
    expect(refusal).toMatchObject({ reason: RefusalReason.INVALID, field, retry_after_ms: 0 });
  },
);

test("a car that vanishes with an offer leaves nothing behind, and the next one gets the slot", async () => {
  const booking = await start();
  const proxy = await startCuttableProxy(booking.grpcPort);
  using lost = new TestClient(proxy.port);
  lost.ask(wish("LOST"));
  await lost.hears("offers", "LOST");
  proxy.cut();
  proxy.close();
  await until("nobody can be spoken to", async () => (await carsOf(booking)) === 0);
  using next = new TestClient(booking.grpcPort);
  expect((await next.books(wish("NEXT"))).car_id).toBe("NEXT");
});

test("a half-open connection is found by keepalive, and its car is not spoken to any more", async () => {
  const booking = await start({ KEEPALIVE_MS: "1000" });
  const proxy = await startCuttableProxy(booking.grpcPort);
  using client = new TestClient(proxy.port);
  client.ask(wish("HALF-OPEN"));
  await client.hears("offers", "HALF-OPEN");
  proxy.block();
  await until("its stream is ended", async () => (await carsOf(booking)) === 0);
  proxy.close();
});

test("a client that reads nothing of what it is told is cut off, and nobody else notices", async () => {
  const booking = await start({ UNREAD_MS: "1000" });
  const session = connectHttp2(`http://127.0.0.1:${booking.grpcPort}`, { settings: { initialWindowSize: 0 } });
  session.on("error", () => undefined); // what the other side does of it is the test's matter
  const { requestSerialize, path } = loadFleetPackage().NegotiationService.service.Negotiate;
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: path,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
    [API_TOKEN_METADATA]: DEVELOPMENT_API_TOKEN,
  });
  stream.on("error", () => undefined);
  const message = requestSerialize({ decline: { car_id: "DEAF", request_id: "R" } });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  for (let n = 0; n < 100; n++) stream.write(Buffer.concat([head, message]));
  await until("it is spoken to", async () => (await carsOf(booking)) === 1);
  using neighbour = new TestClient(booking.grpcPort);
  await neighbour.books(wish("NEIGHBOUR"));
  await until("it is cut off", () => stream.closed);
  expect(stream.rstCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  await until("only the neighbour is left", async () => (await carsOf(booking)) === 1);
  session.destroy();
});

test("an id of 5 MB ends its stream, and no other", async () => {
  const booking = await start();
  using big = new TestClient(booking.grpcPort);
  using other = new TestClient(booking.grpcPort);
  big.ask(wish("x".repeat(5 * 2 ** 20)));
  await until("its stream is over", () => big.ended);
  expect((await other.books(wish("OTHER"))).car_id).toBe("OTHER");
});
