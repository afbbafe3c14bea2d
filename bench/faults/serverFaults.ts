import { setTimeout as sleep } from "node:timers/promises";
import type { TestServer } from "@greenlane/testkit";
import type { Fault, FaultStage } from "./fault.ts";

/** A server that was killed is brought up again after so long. */
const SUPERVISOR_MS = 1_000;
/** One connection after the other is cut, so often. */
const CUT_EVERY_MS = 100;

const over = () => ({ overAtMs: Date.now(), found: [] });

/** From the moment at which the server answers again GreenLane is to mend itself: its start is not GreenLane's. */
async function away(server: TestServer, end: () => Promise<void>, lastsMs: number) {
  await end();
  await sleep(lastsMs);
  await server.restart();
  return over();
}

async function frozen(server: TestServer, lastsMs: number) {
  server.pause();
  await sleep(lastsMs);
  server.resume();
  return over();
}

/** Cuts the database connections of all but this process, the oldest first, again and again. */
async function cutConnections({ database }: FaultStage, lastsMs: number) {
  const untilMs = Date.now() + lastsMs;
  while (Date.now() < untilMs) {
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM (
         SELECT pid FROM pg_stat_activity
         WHERE backend_type = 'client backend' AND application_name <> 'chaos' AND pid <> pg_backend_pid()
         ORDER BY backend_start LIMIT 1
       ) AS oldest`,
    );
    await sleep(CUT_EVERY_MS);
  }
  return over();
}

/** What befalls Kafka, Postgres and Redis. */
export const serverFaults: Fault[] = [
  {
    name: "kafka-killed",
    title: "kill -9 of Kafka",
    strike: ({ servers: { kafka } }) => away(kafka, kafka.kill, SUPERVISOR_MS),
  },
  {
    name: "kafka-frozen",
    title: "SIGSTOP of Kafka",
    strike: ({ servers }, lastsMs) => frozen(servers.kafka, lastsMs),
  },
  {
    name: "postgres-stopped",
    title: "Postgres stopped",
    strike: ({ servers: { postgres } }, lastsMs) => away(postgres, postgres.stop, lastsMs),
  },
  {
    name: "postgres-cut",
    title: "Postgres connections cut one by one",
    strike: cutConnections,
  },
  {
    name: "redis-killed",
    title: "kill -9 of Redis",
    strike: ({ servers: { redis } }) => away(redis, redis.kill, SUPERVISOR_MS),
  },
  {
    name: "redis-flushed",
    title: "Redis flushed",
    strike: async ({ redis }) => {
      await redis.flushall();
      return over();
    },
  },
  {
    name: "redis-stopped",
    title: "Redis stopped, twice as long",
    spans: 2,
    strike: ({ servers: { redis } }, lastsMs) => away(redis, redis.stop, lastsMs),
  },
];
