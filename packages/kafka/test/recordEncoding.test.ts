import { TOPICS } from "@greenlane/contracts";
import { silentLogger } from "@greenlane/runtime";
import { startKafka } from "@greenlane/testkit";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type LogRecord, openLogWriter, openTopicAdmin, openTopicReader } from "../src/index.ts";

const text = fc.string({ unit: "grapheme", maxLength: 300 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const record: fc.Arbitrary<LogRecord> = fc.record({
  key: fc.oneof(text, bytes, fc.constant(null)),
  value: fc.oneof(text, bytes, fc.constant(null)),
  headers: fc.dictionary(fc.string({ minLength: 1 }), text, { maxKeys: 3, noNullPrototype: true }),
});

const hex = (part: string | Buffer | null) => (part === null ? null : Buffer.from(part).toString("hex"));

test("what is appended is what the broker takes, checksum and all, and what a reader gets", async () => {
  await using kafka = await startKafka();
  const config = { KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  await using admin = await openTopicAdmin(config, "test", silentLogger);
  await admin.ensureTopics();
  await using writer = await openLogWriter(config, "test", silentLogger);
  await using reader = await openTopicReader(config, TOPICS.fleetEventsDeadLetter, "test", silentLogger);
  const end = async () => (await reader.offsets())[0]?.high ?? 0;
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 60 }), async (records) => {
      const from = await end();
      await writer.append(TOPICS.fleetEventsDeadLetter, records);
      const read = await reader.readRange(0, from, await end());
      expect(
        read.map(({ key, value, headers }) => ({
          key: hex(key),
          value: hex(value),
          headers: Object.fromEntries(Object.entries(headers).map(([name, content]) => [name, `${content}`])),
        })),
      ).toEqual(
        records.map(({ key, value, headers }) => ({ key: hex(key), value: hex(value), headers: { ...headers } })),
      );
    }),
    { numRuns: 60 },
  );
});
