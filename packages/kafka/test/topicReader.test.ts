import { silentLogger } from "@greenlane/runtime";
import { startKafka, type TestServer, until } from "@greenlane/testkit";
import type { Admin, Producer } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createKafka,
  describeCluster,
  openTopicAdmin,
  openTopicReader,
  type TopicReader,
  type TopicRecord,
  UnknownTopic,
} from "../src/index.ts";

let server: TestServer;
let admin: Admin;
let producer: Producer;
const config = () => ({ KAFKA_BROKERS: [server.url], KAFKA_REQUEST_TIMEOUT_MS: 2_000 });

beforeAll(async () => {
  server = await startKafka();
  const kafka = createKafka(config(), "test", silentLogger);
  admin = kafka.admin();
  producer = kafka.producer({ allowAutoTopicCreation: false });
  await Promise.all([admin.connect(), producer.connect()]);
});
afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  await server[Symbol.asyncDispose]();
});

async function createTopic(topic: string, numPartitions = 3): Promise<TopicReader> {
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  return openTopicReader(config(), topic, "test", silentLogger);
}

async function write(topic: string, keys: string[]): Promise<void> {
  await producer.send({ topic, messages: keys.map((key) => ({ key, value: `value of ${key}` })) });
}

const keysOf = (records: TopicRecord[]) => records.map(({ key }) => `${key}`);
const sequence = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `key-${from + n}`);

/** Follows a topic in the background; `stop` gives what was read, in order. */
function following(reader: TopicReader, from: ReadonlyMap<number, number>) {
  const stopping = new AbortController();
  const seen: string[] = [];
  const heard: string[] = [];
  const running = (async () => {
    const options = {
      from,
      signal: stopping.signal,
      onAway: () => heard.push("away"),
      onBack: () => heard.push("back"),
    };
    for await (const { records } of reader.follow(options)) seen.push(...keysOf(records));
  })();
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return { seen, heard, stop };
}

const starts = async (reader: TopicReader, end: "low" | "high") =>
  new Map((await reader.offsets()).map((place) => [place.partition, place[end]]));

test("a follower of every partition reads what is there and what comes, once, and leaves no group behind", async () => {
  await using reader = await createTopic("followed");
  await write("followed", sequence(0, 50));
  const follower = following(reader, await starts(reader, "low"));
  await until("what was there is read", () => follower.seen.length >= 50);
  await write("followed", sequence(50, 100));
  await until("what came is read", () => follower.seen.length >= 100);
  await follower.stop();
  expect(follower.seen.toSorted()).toEqual(sequence(0, 100).toSorted());
  await using topics = await openTopicAdmin(config(), "test", silentLogger);
  expect(await topics.groupIds()).toEqual([]);
});

test("a follower from the end reads only what comes", async () => {
  await using reader = await createTopic("from-now");
  await write("from-now", sequence(0, 10));
  const follower = following(reader, await starts(reader, "high"));
  await write("from-now", sequence(10, 20));
  await until("what came is read", () => follower.seen.length >= 10);
  await follower.stop();
  expect(follower.seen.toSorted()).toEqual(sequence(10, 20));
});

test("a range of a partition is read to its bounds, and a key is found in the partition that is its own", async () => {
  await using reader = await createTopic("ranges");
  await write("ranges", Array(400).fill("the key"));
  const partition = reader.partitionOf("the key");
  expect((await reader.offsets()).map(({ high }) => high)).toEqual([0, 1, 2].map((n) => (n === partition ? 400 : 0)));
  const offsets = (await reader.readRange(partition, 150, 250)).map(({ offset }) => offset);
  expect(offsets).toEqual(Array.from({ length: 100 }, (_, n) => 150 + n));
});

test("a follower whose place the log no longer has goes on with the nearest that it has", async () => {
  await using reader = await createTopic("made-anew", 1);
  await write("made-anew", sequence(0, 10));
  const follower = following(reader, new Map([[0, 1_000]]));
  await until("it reads what comes", async () => {
    await write("made-anew", ["a newer key"]);
    return follower.seen.length > 0;
  });
  await follower.stop();
  expect(new Set(follower.seen)).toEqual(new Set(["a newer key"]));
  expect(follower.heard).toEqual([]);
});

test("a follower that skips to the end leaves out what the log held by then", async () => {
  await using reader = await createTopic("skipped", 1);
  for (let n = 0; n < 20; n++) await producer.send({ topic: "skipped", messages: [{ value: Buffer.alloc(100_000) }] });
  const stopping = new AbortController();
  const options = { from: new Map([[0, 0]]), signal: stopping.signal, onAway: () => {}, onBack: () => {} };
  for await (const { records, behind, positions, skipToEnd } of reader.follow(options)) {
    expect(records.length + behind).toBe(20);
    skipToEnd();
    expect(positions.get(0)).toBe(20);
    stopping.abort();
  }
});

test("a topic that does not exist is named", async () => {
  for (const topic of ["nowhere", "not a name"])
    await expect(openTopicReader(config(), topic, "test", silentLogger)).rejects.toThrow(UnknownTopic);
});

test("a cluster tells of its brokers and topics", async () => {
  const description = await describeCluster(config(), "test", silentLogger);
  expect(description.brokers.map(({ address }) => address)).toEqual([server.url]);
  expect(description.topics).toContain("skipped");
  expect(description.fetchVersion).toBeGreaterThanOrEqual(11);
});

test("a follower goes on where it was when Kafka was killed and has come back", async () => {
  await using reader = await createTopic("interrupted");
  await write("interrupted", sequence(0, 10));
  const follower = following(reader, await starts(reader, "low"));
  await until("what was there is read", () => follower.seen.length >= 10);
  await server.kill();
  await until("the follower hears that Kafka is away", () => follower.heard.includes("away"));
  await server.restart();
  await until("Kafka takes records again", () =>
    write("interrupted", ["key-10"]).then(
      () => true,
      () => false,
    ),
  );
  await until("what came is read", () => follower.seen.includes("key-10"));
  await follower.stop();
  expect([...new Set(follower.seen)].toSorted()).toEqual(sequence(0, 11).toSorted());
  expect(follower.heard).toEqual(["away", "back"]);
});
