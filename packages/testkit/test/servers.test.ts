import pg from "pg";
import { expect, test } from "vitest";
import { startKafka, startPostgres, startRedis, startRedisCluster } from "../src/index.ts";

test.each([
  ["Redis", startRedis],
  ["Kafka", startKafka],
  ["Postgres", startPostgres],
])("%s starts on a port of its own, survives a kill and answers again", async (_name, start) => {
  await using server = await start();
  expect(server.url).toContain(`${server.port}`);
  await server.kill();
  await server.restart();
});

test("a Redis Cluster starts with its hash slots shared among all of its nodes", async () => {
  await using cluster = await startRedisCluster();
  expect(new Set(cluster.nodes.map(({ port }) => port)).size).toBe(3);
});

/** What a clean stop says to a client; a server that was killed says something else, or nothing. */
const CLEAN_STOP = "terminating connection due to administrator command";

test("Postgres stops by telling its clients, and answers again with its data", async () => {
  await using postgres = await startPostgres();
  const client = new pg.Client(postgres.url);
  const cutOff = new Promise((resolve) => client.on("error", resolve));
  await client.connect();
  await client.query("CREATE TABLE kept AS SELECT 1 AS n");
  await postgres.stop();
  expect(await cutOff).toMatchObject({ message: CLEAN_STOP });
  await postgres.restart();
  expect(await ask(postgres.url, "SELECT n FROM kept")).toEqual([{ n: 1 }]);
});

test("Postgres tells when a row was committed", async () => {
  await using postgres = await startPostgres();
  await ask(postgres.url, "CREATE TABLE rows AS SELECT clock_timestamp() AS written");
  const rows = await ask(postgres.url, "SELECT pg_xact_commit_timestamp(xmin) >= written AS told FROM rows");
  expect(rows).toEqual([{ told: true }]);
});

async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
