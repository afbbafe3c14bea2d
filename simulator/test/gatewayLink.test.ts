import { loadFleetPackage, type TelemetryAnswer, type TelemetryBatch__Output } from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { Server, ServerCredentials, type ServerDuplexStream, status } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { openFleetLinks } from "../src/fleetLinks.ts";
import { nothingSent } from "../src/reportLink.ts";

const { FleetService } = loadFleetPackage();
const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const each of cleanup.splice(0)) each();
});

type Call = ServerDuplexStream<TelemetryBatch__Output, TelemetryAnswer>;

/** An ingestion whose every word is the test's; it keeps what each stream brought. */
async function scriptedIngestion() {
  const streams: { call: Call; batches: TelemetryBatch__Output[] }[] = [];
  const server = new Server();
  server.addService(FleetService.service, {
    StreamTelemetry: () => undefined,
    StreamFleet: (call: Call) => {
      const stream = { call, batches: [] as TelemetryBatch__Output[] };
      streams.push(stream);
      call.on("data", (batch: TelemetryBatch__Output) => stream.batches.push(batch));
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  cleanup.push(() => server.forceShutdown());
  return { target: `127.0.0.1:${port}`, streams };
}

function openGateway(target: string, carIds: string[]) {
  const counts = nothingSent();
  const troubles: string[] = [];
  const options = { target, token: "t", connections: 1, gateway: true };
  const fleet = openFleetLinks(carIds, options, counts, (trouble) => troubles.push(trouble));
  const [link] = fleet.links;
  if (link === undefined || fleet.links.length > 1) throw new Error("not one gateway");
  cleanup.push(() => {
    link.close();
    for (const client of fleet.clients) client.close();
  });
  const send = (carId: string, timestampMs: number) =>
    fleet.ofCar.get(carId)?.send({
      ...{ carId, latitude: 40.7, longitude: -74, batteryPercent: 50, velocityKmh: 30, timestampMs },
      ...{ chargingStationId: "", sessionId: "", energyKwh: 0, odometerKm: 0 },
    });
  return { link, send, counts, troubles };
}

/** The sequence numbers of a stream's reports, with their cars. */
const numbered = (batches: TelemetryBatch__Output[]) =>
  batches.flatMap(({ first_sequence, reports }) => reports.map(({ car_id }, n) => `${first_sequence + n} ${car_id}`));

test("reports of one turn go in one batch, and a fleet that is too big for a message in several", async () => {
  const { target, streams } = await scriptedIngestion();
  const cars = Array.from({ length: 500 }, (_, n) => `CAR-${n}`);
  const { send } = openGateway(target, cars);
  for (const car of cars.slice(0, 3)) send(car, 1);
  const stream = await until("it came", () => (streams[0]?.batches.length === 1 ? streams[0] : undefined));
  expect(numbered(stream.batches)).toEqual(["1 CAR-0", "2 CAR-1", "3 CAR-2"]);
  for (const car of cars) send(car, 2);
  await until("all came", () => numbered(stream.batches).length === 503);
  expect(numbered(stream.batches).slice(3)).toEqual(cars.map((car, n) => `${n + 4} ${car}`));
  expect(stream.batches.length).toBeGreaterThan(2);
});

test("what was not acked is sent again on a new stream, in order, with its numbers; nothing that was acked is", async () => {
  const { target, streams } = await scriptedIngestion();
  const { link, send, counts, troubles } = openGateway(target, ["A", "B"]);
  for (let n = 1; n <= 4; n++) send(n % 2 === 0 ? "A" : "B", n);
  const first = await until("it came", () => (streams[0]?.batches.length === 1 ? streams[0] : undefined));
  first.call.write({ acked_sequence: 2 });
  await until("two are acked", () => counts.acked === 2);
  first.call.emit("error", { code: status.UNAVAILABLE, details: "shutting down" });
  await until("it is lost", () => counts.reconnects === 1);
  send("A", 5);
  // In one batch or in two: the stream may be open again before the fifth is sent.
  const second = await until("three came", () =>
    numbered(streams[1]?.batches ?? []).length >= 3 ? streams[1] : undefined,
  );
  expect(numbered(second.batches)).toEqual(["3 B", "4 A", "5 A"]);
  expect(troubles.join()).toContain("shutting down");
  second.call.write({ acked_sequence: 5 });
  await until("all is acked", () => link.unacked === 0);
  expect(counts).toMatchObject({ sent: 5, acked: 5, rejected: 0, resent: 2, reconnects: 1 });
});

test("rejected reports are counted apart, and told; news of bookings alone acks nothing", async () => {
  const { target, streams } = await scriptedIngestion();
  const { link, send, counts, troubles } = openGateway(target, ["A"]);
  for (let n = 1; n <= 3; n++) send("A", n);
  const { call } = await until("it came", () => (streams[0]?.batches.length === 1 ? streams[0] : undefined));
  call.write({ news: [{ booking_id: "b", car_id: "A" }] });
  call.write({
    acked_sequence: 2,
    rejected: [{ sequence: 2, car_id: "A", field: "latitude", reason: "latitude is odd" }],
  });
  await until("two are answered", () => link.unacked === 1);
  expect(counts).toMatchObject({ acked: 1, rejected: 1 });
  expect(troubles).toEqual(["rejected: latitude is odd"]);
});
