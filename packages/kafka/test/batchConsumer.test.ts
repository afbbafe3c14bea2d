import { setTimeout as sleep } from "node:timers/promises";
import { TOPICS } from "@greenlane/contracts";
import { silentLogger } from "@greenlane/runtime";
import { startKafka, type TestServer, until } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { consumeBatches, type KafkaConfig, openLogWriter, openTopicAdmin } from "../src/index.ts";

let kafka: TestServer;
let config: KafkaConfig;

beforeAll(async () => {
  kafka = await startKafka();
  config = { KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  await using admin = await openTopicAdmin(config, "test", silentLogger);
  await admin.ensureTopics();
});
afterAll(() => kafka[Symbol.asyncDispose]());

const join = (groupId: string, onRecords: (records: number) => void, tookMs = 0) =>
  consumeBatches(
    config,
    {
      groupId,
      topics: [TOPICS.fleetEvents],
      fromBeginning: true,
      partitionsAtOnce: 6,
      onBatch: async ({ records }) => {
        onRecords(records.length);
        await sleep(tookMs);
      },
      onAssigned: () => undefined,
    },
    silentLogger,
  );

async function append(records: number): Promise<void> {
  await using writer = await openLogWriter(config, "test", silentLogger);
  await writer.append(
    TOPICS.fleetEvents,
    Array.from({ length: records }, (_, n) => ({ key: `car-${n}`, value: "{}" })),
  );
}

test("members that leave whenever they have come, also before the broker is ready for groups, keep no partition", async () => {
  const taken = { byLeavers: 0, byLast: 0 };
  const count = (who: keyof typeof taken) => (records: number) => {
    taken[who] += records;
  };
  for (let round = 0; round < 5; round++) {
    const leavers = await Promise.all([0, 1].map(() => join("leavers", count("byLeavers"))));
    for (const leaver of leavers) await leaver[Symbol.asyncDispose]();
  }
  await using last = await join("leavers", count("byLast"));
  await until("the last member has all partitions", () => last.assigned() === 6);
  await append(60);
  await until("all is read", () => taken.byLast === 60);
  expect(taken.byLeavers).toBe(0);
});

test("what a member has under way when it leaves is done and not read again by the next", async () => {
  const read: number[] = [];
  for (let member = 0; member < 3; member++) {
    await append(60);
    let own = 0;
    const add = (records: number) => {
      own += records;
    };
    const consumer = await join("relay", add, 200);
    await until("all that is new is being worked on", () => own >= 60);
    await consumer[Symbol.asyncDispose]();
    read.push(own);
  }
  // The first reads what was written before it, too.
  expect(read.slice(1)).toEqual([60, 60]);
});
