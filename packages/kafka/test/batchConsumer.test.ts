import { TOPICS } from "@greenlane/contracts";
import { silentLogger } from "@greenlane/runtime";
import { startKafka, type TestServer, until } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { consumeBatches, openLogWriter, openTopicAdmin } from "../src/index.ts";

let kafka: TestServer;

beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka[Symbol.asyncDispose]());

test("members that leave whenever they have come, also before the broker is ready for groups, keep no partition", async () => {
  const config = { KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  {
    await using admin = await openTopicAdmin(config, "test", silentLogger);
    await admin.ensureTopics();
  }
  const join = (onRecords: (records: number) => void) =>
    consumeBatches(
      config,
      {
        groupId: "leavers",
        topics: [TOPICS.fleetEvents],
        fromBeginning: true,
        partitionsAtOnce: 6,
        onBatch: async ({ records }) => onRecords(records.length),
        onAssigned: () => undefined,
      },
      silentLogger,
    );
  const taken = { byLeavers: 0, byLast: 0 };
  const count = (who: keyof typeof taken) => (records: number) => {
    taken[who] += records;
  };
  for (let round = 0; round < 5; round++) {
    const leavers = await Promise.all([0, 1].map(() => join(count("byLeavers"))));
    for (const leaver of leavers) await leaver[Symbol.asyncDispose]();
  }
  await using last = await join(count("byLast"));
  await until("the last member has all partitions", () => last.assigned() === 6);
  await using writer = await openLogWriter(config, "test", silentLogger);
  await writer.append(
    TOPICS.fleetEvents,
    Array.from({ length: 60 }, (_, n) => ({ key: `car-${n}`, value: "{}" })),
  );
  await until("all is read", () => taken.byLast === 60);
  expect(taken.byLeavers).toBe(0);
});
