import type { ConnectivityEvent } from "@greenlane/contracts";
import { expect, test } from "vitest";
import { connectionOf } from "../src/connection.ts";

let clockMs = 0;
function event(event_type: ConnectivityEvent["event_type"], instance: string, reason: string): ConnectivityEvent {
  clockMs += 1_000;
  return { event_type, car_id: "CAR-001", timestamp: clockMs, reason, instance };
}
const comes = (instance = "a") => event("car_connected", instance, "first report");
const goes = (instance = "a", reason = "half-close") => event("car_disconnected", instance, reason);

test("a car that nothing is known of is neither here nor gone", () => {
  expect(connectionOf([])).toEqual({ status: "unknown" });
});

test("a car that came is connected since then", () => {
  const coming = comes();
  expect(connectionOf([comes(), goes(), coming])).toMatchObject({ status: "connected", sinceMs: coming.timestamp });
});

test("a car that went is disconnected since then, for the reason given", () => {
  const going = goes("a", "idle");
  expect(connectionOf([comes(), going])).toMatchObject({
    ...{ status: "disconnected", sinceMs: going.timestamp, reason: "idle" },
  });
});

test("of a car whose coming is too long ago only the going is known", () => {
  expect(connectionOf([goes()])).toMatchObject({ status: "disconnected" });
});

test("a car that came back before its lost stream was missed is connected, until it goes again", () => {
  const lost = [comes(), comes(), goes("a", "broken")];
  expect(connectionOf(lost)).toMatchObject({ status: "connected" });
  expect(connectionOf([...lost, goes()])).toMatchObject({ status: "disconnected", reason: "half-close" });
});

test("a car that moved to another instance is connected there, though the first misses it later", () => {
  expect(connectionOf([comes("a"), comes("b"), goes("a", "broken")])).toMatchObject({
    status: "connected",
    instance: "b",
  });
});

test("a car that left is gone, though an instance that was killed never said so of an older stream", () => {
  expect(connectionOf([comes("killed"), comes("b"), goes("b")])).toMatchObject({
    status: "disconnected",
    instance: "b",
  });
});
