import { expect, test } from "vitest";
import { startServers, stationsInRow } from "./startedBooking.ts";
import { TestClient, wish } from "./testClient.ts";

test("who asks alone is told of four other slots, and in a crowd of one", async () => {
  await using servers = await startServers(stationsInRow(12, 8));
  const booking = await servers.booking();
  using client = new TestClient(booking.grpcPort);
  client.ask(wish("alone"));
  expect((await client.hears("offers", "alone")).offers).toHaveLength(5);

  const crowd = Array.from({ length: 300 }, (_, n) => `car-${n}`);
  for (const carId of crowd) client.ask(wish(carId));
  const heard = await Promise.all(crowd.map((carId) => client.hears("offers", carId)));
  const numbers = new Set(heard.map(({ offers }) => offers.length));
  expect(numbers, "of those that were matched as a crowd").toContain(2);
  for (const { offers } of heard) expect(offers.map(({ holds }) => holds).indexOf(true)).toBe(0);
  await booking.stop();
});
