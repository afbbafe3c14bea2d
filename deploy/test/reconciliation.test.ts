import { expect, test } from "vitest";
import { differences, type RunCounts, table } from "../demo/reconciliation.ts";

const even: RunCounts = {
  ...{
    sent: 100,
    acked: 100,
    inLog: 100,
    stored: 100,
    duplicates: 0,
    carsInRedis: 5,
    cars: 5,
    sessions: 1,
    kwh: 1.5,
    cost: 0.3,
  },
  sendToAckMs: { p50: 2, p99: 9 },
  sendToRowMs: { p50: 20, p99: 90 },
};

test("a run in which every event arrived everywhere has no difference", () => {
  expect(differences(even)).toEqual([]);
  expect(table(even)).toContain("100");
});

test.each([
  ["acked", 99, "1 of 100 events sent were not acked"],
  ["inLog", 98, "100 events were sent, 98 are in Kafka"],
  ["stored", 97, "100 events are in Kafka, 97 are stored"],
] as const)("a difference at %s is named", (station, count, words) => {
  expect(differences({ ...even, [station]: count }).join("\n")).toContain(words);
});

test("a run that sent nothing is no success", () => {
  expect(differences({ ...even, sent: 0, acked: 0, inLog: 0, stored: 0 })).toEqual(["nothing was sent"]);
});
