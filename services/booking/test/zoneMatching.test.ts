import { setTimeout as sleep } from "node:timers/promises";
import { leaseKey } from "@greenlane/contracts";
import type { ChargeRequest } from "@greenlane/domain";
import { leases, openRedis, type Redis } from "@greenlane/redis";
import { createMetrics, silentLogger, systemClock } from "@greenlane/runtime";
import { startPostgres, startRedis, type TestServer, until } from "@greenlane/testkit";
import { closeDatabase, type Database, migrate, openDatabase } from "@greenlane/timescale";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { MatchAnswer, Wish } from "../src/wish.ts";
import { type ZoneMatcher, ZoneMatching } from "../src/zoneMatching.ts";

let servers: TestServer[];
let redisUrl: string;
let redis: Redis;
let database: Database;

beforeAll(async () => {
  const [redisServer, postgres] = await Promise.all([startRedis(), startPostgres()]);
  servers = [redisServer, postgres];
  redisUrl = redisServer.url;
  redis = await openRedis(redisUrl, silentLogger);
  await migrate(postgres.url, silentLogger);
  database = openDatabase(postgres.url, silentLogger);
});
afterAll(async () => {
  redis.disconnect();
  await closeDatabase(database);
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
});

/** A matchmaker that answers when it is told to. */
class SlowMatcher implements ZoneMatcher {
  readonly wishes: Wish[] = [];

  get waiting(): number {
    return this.wishes.length;
  }

  submit(wish: Wish): void {
    this.wishes.push(wish);
  }

  answerAll(): void {
    for (const wish of this.wishes.splice(0)) wish.answer({ kind: "unmatched", whyNever: "" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.answerAll();
  }
}

function join(zone: string, holder: string): AsyncDisposable & { matcher: SlowMatcher; matching: ZoneMatching } {
  const matcher = new SlowMatcher();
  const parts = { redis, leases: leases(redis), database, matchmaker: matcher };
  const runtime = { logger: silentLogger, metrics: createMetrics("test"), clock: systemClock };
  const matching = ZoneMatching.join(parts, { zone, holder, leaseMs: 4_000, redisUrl }, runtime);
  return { matcher, matching, [Symbol.asyncDispose]: () => matching[Symbol.asyncDispose]() };
}

/** Two processes of a zone: the first one matches for both, and hears the second. */
async function joinTwo(zone: string) {
  const first = join(zone, `${zone}-first`);
  await until("the first one has the lease", () => redis.exists(leaseKey(`matching:${zone}`)).then(Boolean));
  const second = join(zone, `${zone}-second`);
  await until("the first one hears the second", () => {
    second.matching.submit(wishOf("probe").wish);
    return first.matcher.waiting > 0;
  });
  await until("the second one waits for nothing", () => {
    for (const { matcher } of [first, second]) matcher.answerAll();
    return second.matching.waiting === 0;
  });
  return { first, second };
}

function wishOf(carId: string): { wish: Wish; answers: MatchAnswer[] } {
  const answers: MatchAnswer[] = [];
  const request = { carId, requestId: `${carId}-request` } as ChargeRequest;
  return { wish: { request, stillWanted: () => true, answer: (answer) => answers.push(answer) }, answers };
}

test("a matcher that is busy is not taken for one that is gone, as long as it hears what is asked", async () => {
  const { first, second } = await joinTwo("busy");
  await using _first = first;
  await using _second = second;
  const asked = Array.from({ length: 15 }, (_, n) => wishOf(`car-${n}`));
  for (const { wish } of asked) {
    second.matching.submit(wish);
    await sleep(200);
  }
  expect(second.matcher.waiting).toBe(0);
  expect(first.matcher.waiting).toBe(asked.length);
  first.matcher.answerAll();
  await until("all are answered, once", () => asked.every(({ answers }) => answers.length === 1));
});

test("of a matcher that says nothing the wishes are taken back, and what it answers later counts no more", async () => {
  const { first, second } = await joinTwo("silent");
  await using _first = first;
  await using _second = second;
  const { wish, answers } = wishOf("car");
  second.matching.submit(wish);
  await until("the wish is matched by the second", () => second.matcher.waiting === 1);
  first.matcher.answerAll();
  await sleep(100);
  expect(answers).toEqual([]);
  second.matcher.answerAll();
  expect(answers).toHaveLength(1);
});

test("a process that was late itself hears what was said meanwhile before it takes wishes back", async () => {
  const { first, second } = await joinTwo("late");
  await using _first = first;
  await using _second = second;
  const { wish, answers } = wishOf("car");
  second.matching.submit(wish);
  await until("the first one has the wish", () => first.matcher.waiting === 1);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
  await sleep(0);
  first.matcher.answerAll();
  await until("it is answered", () => answers.length === 1);
  expect(second.matcher.waiting).toBe(0);
});

test("a matcher that is there and never answers loses the wishes in the end", { timeout: 30_000 }, async () => {
  const { first, second } = await joinTwo("stuck");
  await using _first = first;
  await using _second = second;
  for (let n = 0; second.matcher.waiting === 0; n++) {
    second.matching.submit(wishOf(`car-${n}`).wish);
    await sleep(200);
  }
  // Of one that says nothing they would be taken back after 1.5 s.
  expect(first.matcher.waiting).toBeGreaterThan(30);
});
